import { describe, expect, test } from "bun:test";
import { randomFrom } from "../../../src/core/random.ts";
import { Crafting } from "../../../src/env/textcraft/crafting.ts";
import { canGet } from "../../../src/env/textcraft/expert.ts";
import { Planner } from "../../../src/env/textcraft/planner.ts";
import { type RecipeBook, readable, recipeBook } from "../../../src/env/textcraft/recipe-book.ts";
import { embeddedRecipes, parseRecipe } from "../../../src/env/textcraft/table.ts";

const book = recipeBook(embeddedRecipes());
const planner = new Planner(book);
const goals = [...book.ofItem.keys()];

/**
 * The fewest commands among plans that make each item by one recipe only and each tag by one item
 * only: every combination of choices is costed from the goal down. Undefined beyond `limit` of them.
 */
function fewestByChoice(book: RecipeBook, goal: string, limit: number): number | undefined {
  const members = new Map<string, string[]>();
  for (const [item, tag] of book.tagOf) members.set(tag, [...(members.get(tag) ?? []), item]);
  let tried = 0;

  /** Settles needs in an order where everything that uses an item comes before it. */
  function cost(needs: ReadonlyMap<string, number>, kinds: ReadonlyMap<string, string>): number {
    const open = [...needs.keys()].filter((item) => book.ofItem.has(item));
    const item = open.find((one) => !open.some((other) => other !== one && leadsTo(other, one)));
    if (item === undefined) {
      tried++;
      return needs.size;
    }
    if (tried > limit) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const recipe of book.ofItem.get(item) ?? []) {
      const crafts = Math.ceil((needs.get(item) as number) / recipe.amount);
      const tag = recipe.ingredients.find(({ isTag }) => isTag)?.name;
      const chosen = tag === undefined ? [""] : [kinds.get(tag) ?? (members.get(tag) as string[])];
      for (const kind of chosen.flat()) {
        const below = new Map(needs);
        below.delete(item);
        for (const { name, isTag, amount } of recipe.ingredients) {
          const input = isTag ? kind : name;
          below.set(input, (below.get(input) ?? 0) + crafts * amount);
        }
        const kept = tag === undefined ? kinds : new Map([...kinds, [tag, kind]]);
        least = Math.min(least, crafts + cost(below, kept));
      }
    }
    return least;
  }

  const reach = new Map<string, Set<string>>();
  function leadsTo(item: string, target: string): boolean {
    let below = reach.get(item);
    if (below === undefined) {
      const found = new Set<string>();
      for (const { ingredients } of book.ofItem.get(item) ?? []) {
        for (const { name, isTag } of ingredients) {
          for (const input of isTag ? (members.get(name) ?? []) : [name]) {
            found.add(input);
            leadsTo(input, "");
            for (const deeper of reach.get(input) ?? []) found.add(deeper);
          }
        }
      }
      below = found;
      reach.set(item, below);
    }
    return below.has(target);
  }

  const least = cost(new Map([[goal, 1]]), new Map());
  return tried > limit ? undefined : least;
}

function play(commands: readonly string[], held: Iterable<readonly [string, bigint]> = []) {
  const game = new Crafting(book, held);
  const replies = commands.map((command) => game.execute(command));
  return { game, replies };
}

describe("plans from an empty inventory", () => {
  test("craft every goal, every command carried out", () => {
    for (const goal of goals) {
      const { replies } = play(planner.plan(goal) ?? []);
      expect(replies.every(({ done }) => done)).toBe(true);
      expect(replies.at(-1)?.crafted).toBe(goal);
    }
  });

  test("are as short as any choice of recipes allows", () => {
    let compared = 0;
    for (const goal of goals) {
      const fewest = fewestByChoice(book, goal, 20_000);
      if (fewest === undefined) continue;
      compared++;
      expect([goal, planner.plan(goal)?.length]).toEqual([goal, fewest]);
    }
    expect(compared).toBe(544);
  });

  test("fetch each raw item once", () => {
    for (const goal of goals) {
      const gets = (planner.plan(goal) ?? []).filter((command) => command.startsWith("get "));
      const items = gets.map((command) => command.replace(/^get \d+ /, ""));
      expect(new Set(items).size).toBe(items.length);
    }
  });

  test("an item that nothing crafts has none", () => {
    expect(planner.plan("minecraft:bamboo")).toBeUndefined();
    expect(planner.plan("minecraft:unicorn")).toBeUndefined();
  });
});

describe("plans from what is carried", () => {
  test("use it up first", () => {
    const plan = planner.plan("minecraft:ladder", new Map([["minecraft:birch_planks", 4n]]));
    expect(plan).toEqual([
      "craft 4 stick using 2 birch planks",
      "craft 4 stick using 2 birch planks",
      "craft 3 ladder using 7 stick",
    ]);
  });

  test("mix kinds when that saves a command", () => {
    const held = [
      ["minecraft:oak_planks", 2n],
      ["minecraft:birch_planks", 2n],
    ] as const;
    const plan = planner.plan("minecraft:ladder", new Map(held));
    expect(plan?.length).toBe(3);
    expect(play(plan ?? [], held).replies.at(-1)?.crafted).toBe("minecraft:ladder");
  });

  test("fetch only what is missing", () => {
    const plan = planner.plan("minecraft:stick", new Map([["minecraft:bamboo", 1n]]));
    expect(plan).toEqual(["get 1 bamboo", "craft 1 stick using 2 bamboo"]);
  });

  test("owning the goal does not end the game", () => {
    const plan = planner.plan("minecraft:stick", new Map([["minecraft:stick", 5n]]));
    expect(plan?.at(-1)).toContain("craft ");
  });

  test("work from anything that chance has put there, and get shorter by each command", () => {
    const random = randomFrom(5);
    for (let round = 0; round < 150; round++) {
      const goal = random.sample(goals, 1)[0] as string;
      const found = random.sample([...book.items], 6);
      const held = found.map((item) => [item, BigInt(1 + random.integer(9))] as const);
      const plan = planner.plan(goal, new Map(held)) ?? [];
      const { game, replies } = play(plan.slice(0, 1), held);
      expect(replies[0]?.done).toBe(true);
      if (plan.length === 1) expect(replies[0]?.crafted).toBe(goal);
      else expect(planner.plan(goal, game.held)?.length).toBe(plan.length - 1);
    }
  });
});

test("recipes that need each other give no plan, and no endless search", () => {
  const odd = new Planner(recipeBook(["a@kind=1 #kind", "c=1 a"].map(parseRecipe)));
  expect(odd.plan("minecraft:a")).toBeUndefined();
  expect(odd.plan("minecraft:c")).toBeUndefined();
});

test("what can be fetched is what the game gives", () => {
  for (const id of [...book.items, ...book.tags]) {
    const { done } = new Crafting(book).execute(`get 1 ${readable(id)}`);
    expect([id, canGet(book, id)]).toEqual([id, done]);
  }
});
