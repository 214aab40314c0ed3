import { describe, expect, test } from "bun:test";
import { checkEnv } from "../../../src/env/check-env.ts";
import { Planner } from "../../../src/env/textcraft/planner.ts";
import { recipesBelow, splitOf } from "../../../src/env/textcraft/tasks.ts";
import { TextCraft } from "../../../src/env/textcraft/world.ts";
import { DATA, HAS_DATA } from "./data.ts";

const world = new TextCraft();
const { train = [], validation = [], test: held = [], heldout = [], all = [] } = world.splits;
const planner = new Planner(world.book);
const panel = world.splits.adapt200 ?? [];

describe("splits", () => {
  test("train, validation and test are disjoint, whole, and stable between versions", () => {
    expect([train.length, validation.length, held.length, all.length]).toEqual([
      327, 105, 112, 544,
    ]);
    expect(new Set([...train, ...validation, ...held])).toEqual(new Set(all));
    expect(new Set(heldout)).toEqual(new Set([...validation, ...held]));
    expect(["oak fence", "ladder", "lantern", "hopper"].map(splitOf)).toMatchInlineSnapshot(`
      [
        "train",
        "validation",
        "test",
        "test",
      ]
    `);
  });

  test("`all` is in AgentGym's order: by depth", () => {
    const depths = all.map((goal) => world.book.depth(`minecraft:${goal.replaceAll(" ", "_")}`));
    expect(depths).toEqual([...depths].sort((a, b) => a - b));
  });

  test("a range of solution lengths keeps each goal in its split", () => {
    const option = { min_solution_turns: "3", max_solution_turns: "6" };
    const some = new TextCraft({ option });
    const lengths = (some.splits.all ?? []).map((goal) => some.solutionTurns(goal));
    expect([Math.min(...lengths), Math.max(...lengths), lengths.length]).toEqual([3, 6, 282]);
    for (const split of ["train", "validation", "test"]) {
      const whole = new Set(world.splits[split]);
      expect((some.splits[split] ?? []).every((goal) => whole.has(goal))).toBe(true);
    }
    expect(some.splits.adapt200?.length).toBe(200);
  });
});

describe("openings", () => {
  test("depend on the task and the seed only", () => {
    const again = new TextCraft();
    again.start("hopper", 9);
    expect(again.start("oak fence", 4).opening).toBe(world.start("oak fence", 4).opening);
    expect(world.start("oak fence", 5).opening).not.toBe(world.start("oak fence", 4).opening);
  });

  test("read as in the original", () => {
    const { opening } = new TextCraft({ option: { distractors: "1" } }).start("stone slab", 1);
    expect(opening).toMatchInlineSnapshot(`
      "Crafting commands:
      craft 1 repeater using 2 redstone torch, 1 redstone, 3 stone
      craft 6 stone slab using 3 stone

      Goal: craft stone slab."
    `);
  });

  test("show every recipe below the goal and ten others that share an ingredient", () => {
    for (const task of all) {
      const lines = linesOf(world.start(task, 1).opening);
      const needed = recipesBelow(world.book, `minecraft:${task.replaceAll(" ", "_")}`);
      expect(new Set(lines).size).toBe(lines.length);
      for (const { line } of needed) expect(lines).toContain(line);
      const names = new Set(needed.flatMap(({ ingredients }) => ingredients.map((i) => i.name)));
      const extra = lines.filter((line) => !needed.some((recipe) => recipe.line === line));
      expect(extra.length).toBeLessThanOrEqual(10);
      for (const line of extra) {
        const users = world.book.recipes.filter((recipe) => recipe.line === line);
        const inputs = users.flatMap(({ ingredients }) => ingredients);
        expect(inputs.some(({ name }) => names.has(name))).toBe(true);
      }
    }
  });

  test("shuffle: a needed line stands in every place", () => {
    const places = new Set<number>();
    const count = linesOf(world.start("stone slab", 0).opening).length;
    for (let seed = 0; seed < 200; seed++) {
      const lines = linesOf(world.start("stone slab", seed).opening);
      places.add(lines.indexOf("craft 6 stone slab using 3 stone"));
    }
    expect([...places].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
  });
});

function linesOf(opening: string): string[] {
  return opening.split("\n").slice(1, -2);
}

describe("tasks", () => {
  test("go by readable name, id or number of a published problem", () => {
    const opening = world.start("oak fence", 0).opening;
    expect(world.start("oak_fence", 0).opening).toBe(opening);
    expect(world.start("minecraft:oak_fence", 0).opening).toBe(opening);
    expect(world.start("17", 0).opening).toBe(world.start("adapt200/17", 5).opening);
  });

  test("an unknown one is refused, naming the nearest", () => {
    expect(() => world.start("oka fence", 0)).toThrow('no task "oka fence"');
    expect(() => world.start("oka fence", 0)).toThrow(
      expect.objectContaining({ name: "UserError", hint: 'did you mean "oak fence"?' }),
    );
    expect(() => world.start("adapt200/200", 0)).toThrow("no published problem 200 (0 to 199)");
  });
});

describe("options", () => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ distractor: "3" }, 'unknown option "distractor"'],
    [{ distractors: "-1" }, 'option distractors: found "-1", allowed: a whole number ≥ 0'],
    [{ format: "json" }, 'option format: found "json", allowed: "compact" or "text"'],
    [{ reading: "random" }, 'option reading: found "random", allowed: "sorted" or "published"'],
    [{ min_solution_turns: "99" }, "no goal has a shortest solution in this range"],
  ];
  test.each(cases)("%p is refused", (option, message) => {
    expect(() => new TextCraft({ option })).toThrow(message);
  });

  test("choose the agent's format", () => {
    expect(new TextCraft({ option: { format: "text" } }).format.name).toBe("text");
    expect(world.format.name).toBe("compact");
  });
});

describe("the original's known defect", () => {
  test("a sub-recipe's ingredients do not pass for the goal", () => {
    const episode = world.start("ladder", 0);
    episode.step("get 2 bamboo");
    const { observation, end } = episode.step("craft 1 ladder using 2 bamboo");
    expect(observation).toStartWith("Could not find a valid recipe for ");
    expect(end).toBeNull();
  });
});

describe("admissible", () => {
  test("lists useful gets, then crafts possible now, then inventory, all of which succeed", () => {
    const plain = new TextCraft({ option: { distractors: "0" } });
    const episode = plain.start("ladder", 0);
    expect(episode.admissible().at(-1)).toBe("inventory");
    expect(episode.admissible()).toContain("get 1 acacia logs");
    episode.step("get 4 bamboo");
    episode.step("get 1 oak logs");
    const crafts = episode.admissible().filter((action) => action.startsWith("craft"));
    expect(crafts.sort()).toEqual([
      "craft 1 stick using 2 bamboo",
      "craft 4 oak planks using 1 oak logs",
    ]);
    episode.step("craft 4 oak planks using 1 oak logs");
    expect(episode.admissible()).toContain("craft 4 stick using 2 oak planks");
  });

  test("every one of them succeeds, all along an expert's play", () => {
    for (const task of all.filter((_, index) => index % 10 === 0)) {
      const played: string[] = [];
      const episode = world.start(task, 1);
      const expert = world.expert(episode);
      for (let end = null as unknown; end === null; ) {
        const command = expert.next();
        for (const action of episode.admissible()) {
          const copy = world.start(task, 1);
          for (const step of played) copy.step(step);
          expect([action, copy.step(action).valid]).toEqual([action, true]);
        }
        played.push(command);
        end = episode.step(command).end;
      }
    }
  });
});

describe("experts", () => {
  test("solve every goal in exactly its shortest length", () => {
    for (const task of all) {
      const episode = world.start(task, 0);
      const expert = world.expert(episode);
      let turns = 1;
      while (!episode.step(expert.next()).success) turns++;
      expect([task, turns]).toEqual([task, world.solutionTurns(task)]);
    }
  });

  test("solve all 200 published problems with the recipes they show", () => {
    const published = new TextCraft({ option: { reading: "published" } });
    for (const task of panel) {
      const episode = published.start(task, 0);
      const expert = published.expert(episode);
      const lines = linesOf(episode.opening);
      for (let end = null as unknown; end === null; ) {
        const command = expert.next();
        const result = /^craft (.*) using/.exec(command)?.[1];
        if (result) expect(lines.some((line) => line.startsWith(`craft ${result} `))).toBe(true);
        end = episode.step(command).end;
      }
    }
  });

  test("say which problem has no solution in sorted reading", () => {
    const without = panel.filter((task) => !Number.isFinite(world.solutionTurns(task)));
    expect(without).toEqual(["adapt200/137"]);
    expect(() => world.expert(world.start("adapt200/137", 0))).toThrow("no recipe in force");
  });

  test("err at the given rate in every known way, and still arrive", () => {
    const kinds = { again: 0, garbled: 0, early: 0, distractor: 0, one: 0, fetched: 0 };
    let [turns, mistakes, generous] = [0, 0, 0];
    for (const [index, task] of all.entries()) {
      if (world.solutionTurns(task) > 10) continue;
      const episode = world.start(task, index);
      const expert = world.expert(episode, { rate: 0.5, seed: index });
      const left = () => planner.plan(episode.goal, episode.held) ?? [];
      let previous = "";
      for (let end = null as unknown; end === null; turns++) {
        const before = left();
        const command = expert.next();
        const { valid, end: over } = episode.step(command);
        if (over === null && left().length >= before.length) {
          mistakes++;
          const needed = before.map((step) => step.replace(/\d+/, "1"));
          if (command === previous) kinds.again++;
          else if (!/^(get \d+ .|craft \d+ .* using )/.test(command)) kinds.garbled++;
          else if (command.includes(` ${task} using `) && !valid) kinds.early++;
          else if (command.startsWith("craft ")) kinds.distractor++;
          else if (needed.includes(command)) kinds.one++;
          else kinds.fetched++;
        } else if (/^get (\d+) /.test(command) && !before.includes(command)) generous++;
        previous = command;
        end = over;
        expect(turns).toBeLessThan(20_000);
      }
    }
    expect(Math.abs(mistakes / turns - 0.5)).toBeLessThan(0.04);
    expect(Math.max(...Object.values(kinds))).toBe(kinds.early);
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(20);
    expect(generous).toBeGreaterThan(20);
  });

  test("that err take other ways of the same length, the flawless one always the same", () => {
    const firsts = (mistakes?: { rate: number; seed: number }) => {
      const episode = world.start("crafting table", 0);
      return world.expert(episode, mistakes).next();
    };
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    expect(new Set(seeds.map(() => firsts())).size).toBe(1);
    const others = new Set(seeds.map((seed) => firsts({ rate: 1e-9, seed })));
    expect(others.size).toBeGreaterThan(1);
    for (const command of others) {
      const episode = world.start("crafting table", 0);
      const before = world.solutionTurns("crafting table");
      episode.step(command);
      expect(planner.plan(episode.goal, episode.held)?.length).toBe(before - 1);
    }
  });

  test("make the same mistakes from the same seed", () => {
    const play = (seed: number) => {
      const episode = world.start("hopper", 1, 30);
      const expert = world.expert(episode, { rate: 0.7, seed });
      const commands: string[] = [];
      for (let end = null as unknown; end === null; ) {
        commands.push(expert.next());
        end = episode.step(commands.at(-1) ?? "").end;
      }
      return commands;
    };
    expect(play(1)).toEqual(play(1));
    expect(play(1)).not.toEqual(play(2));
  });
});

test("states with the same things carried have one key", () => {
  const [a, b] = [world.start("ladder", 0), world.start("ladder", 7)];
  for (const command of ["get 1 vine", "get 2 bamboo"]) a.step(command);
  for (const command of ["get 2 bamboo", "inventory", "get 1 vine"]) b.step(command);
  expect(a.stateKey()).toBe(b.stateKey());
  a.step("craft 1 stick using 2 bamboo");
  expect(a.stateKey()).not.toBe(b.stateKey());
});

test.each(all.filter((_, index) => index % 17 === 0))("checkEnv holds for %s", async (task) => {
  await checkEnv(world, task);
  await checkEnv(new TextCraft({ option: { format: "text" } }), task);
});

test.skipIf(!HAS_DATA)("the published files give the same games as the table", () => {
  const files = new TextCraft({ data: DATA });
  expect(files.splits).toEqual(world.splits);
  for (const task of [...all, ...panel]) {
    const [ours, theirs] = [world.start(task, 3), files.start(task, 3)];
    expect(theirs.opening).toBe(ours.opening);
    expect(theirs.admissible()).toEqual(ours.admissible());
    if (task === "adapt200/137") continue;
    const [expert, other] = [world.expert(ours), files.expert(theirs)];
    for (let end = null as unknown; end === null; ) {
      const command = expert.next();
      expect(other.next()).toBe(command);
      const outcome = ours.step(command);
      expect(theirs.step(command)).toEqual(outcome);
      end = outcome.end;
    }
  }
});
