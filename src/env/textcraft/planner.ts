/**
 * The shortest way to an item from any inventory: fewest commands, each a `get` of one item's total
 * amount or one craft. Branch and bound over the crafts, from the goal down:
 *
 *   stock(item) = held + crafted − used      an item with negative stock is still needed
 *
 * The needed item farthest from raw materials is settled first, so that its whole need is known; its
 * recipes are tried in one order (combinations, not permutations), the promising ones first. A branch
 * ends when its crafts plus the fewest commands its needs can take do not beat the best plan. Exact
 * unless NODE_BUDGET runs out, then the best plan so far; the built-in goals stay far below it.
 */
import type { Random } from "../../core/random.ts";
import { type Recipe, type RecipeBook, readable } from "./recipe-book.ts";

const NODE_BUDGET = 20_000;

/** A recipe with one concrete item for each ingredient. */
interface Way {
  readonly recipe: Recipe;
  readonly inputs: readonly { readonly item: string; readonly amount: number }[];
}

interface Search {
  readonly held: ReadonlyMap<string, bigint>;
  readonly stock: Map<string, number>;
  readonly crafts: Way[];
  /** Orders equally promising ways; the book's order without it. */
  readonly random: Random | undefined;
  best: readonly string[] | undefined;
  nodes: number;
}

export class Planner {
  readonly #book: RecipeBook;
  readonly #ways = new Map<string, readonly Way[]>();
  readonly #members = new Map<string, string[]>();
  readonly #heights = new Map<string, number>();

  constructor(book: RecipeBook) {
    this.#book = book;
    for (const [item, tag] of book.tagOf) {
      const members = this.#members.get(tag);
      if (members === undefined) this.#members.set(tag, [item]);
      else members.push(item);
    }
  }

  /**
   * A shortest list of commands that ends in crafting the goal; undefined when nothing does. With
   * `random` it is any of the shortest, without it always the same.
   */
  plan(
    goal: string,
    held: ReadonlyMap<string, bigint> = new Map(),
    random?: Random,
  ): readonly string[] | undefined {
    if (!this.#book.ofItem.has(goal)) return undefined;
    const stock = new Map<string, number>();
    for (const [item, count] of held) stock.set(item, Number(count));
    // Owning the goal is not enough: it has to be crafted.
    stock.set(goal, -1);
    const search: Search = { held, stock, crafts: [], random, best: undefined, nodes: 0 };
    this.#search(search);
    return search.best;
  }

  #search(search: Search): void {
    let next: string | undefined;
    for (const [item, count] of search.stock) {
      if (count >= 0 || !this.#book.ofItem.has(item)) continue;
      if (next === undefined || this.#height(item) > this.#height(next)) next = item;
    }
    if (next === undefined) {
      const plan = this.#schedule(search);
      if (plan !== undefined && plan.length < (search.best?.length ?? Infinity)) search.best = plan;
      return;
    }
    const bounds = new Map<Way, number>();
    for (const way of this.#waysTo(next)) {
      apply(search.stock, way, 1);
      bounds.set(way, this.#leastCommands(search.stock));
      apply(search.stock, way, -1);
    }
    const waysInOrder = [...bounds.keys()];
    const ways = (search.random?.shuffle(waysInOrder) ?? waysInOrder).sort(
      (a, b) => (bounds.get(a) as number) - (bounds.get(b) as number),
    );
    this.#settle(search, next, ways);
  }

  /** Crafts `item` by the given ways, in their order, until none is needed; then the next item. */
  #settle(search: Search, item: string, ways: readonly Way[]): void {
    for (const [index, way] of ways.entries()) {
      if (++search.nodes > NODE_BUDGET && search.best !== undefined) return;
      apply(search.stock, way, 1);
      search.crafts.push(way);
      const least = search.crafts.length + this.#leastCommands(search.stock);
      // The budget also ends a plan that feeds on itself, which only foreign recipes allow.
      if (least < (search.best?.length ?? Infinity) && search.crafts.length < NODE_BUDGET / 40) {
        if ((search.stock.get(item) as number) >= 0) this.#search(search);
        else this.#settle(search, item, ways.slice(index));
      }
      search.crafts.pop();
      apply(search.stock, way, -1);
    }
  }

  /** No plan can need fewer: one `get` for each raw need, full crafts for each other. */
  #leastCommands(stock: ReadonlyMap<string, number>): number {
    let least = 0;
    for (const [item, count] of stock) {
      if (count >= 0) continue;
      const recipes = this.#book.ofItem.get(item);
      if (recipes === undefined) least += 1;
      else least += Math.ceil(-count / Math.max(...recipes.map(({ amount }) => amount)));
    }
    return least;
  }

  /** Low crafts first, each `get` just before its first use; undefined when the crafts need each other. */
  #schedule({ crafts, stock, held }: Search): string[] | undefined {
    const plan: string[] = [];
    const owned = new Map<string, number>();
    for (const [item, count] of held) owned.set(item, Number(count));
    const ordered = crafts
      .map((way, index) => ({ way, index, height: this.#height(way.recipe.result) }))
      .sort((a, b) => a.height - b.height || b.index - a.index);
    for (const { way } of ordered) {
      for (const { item, amount } of way.inputs) {
        let have = owned.get(item) ?? 0;
        const missing = -(stock.get(item) as number);
        if (have < amount && missing > 0 && !this.#book.ofItem.has(item)) {
          plan.push(`get ${missing} ${readable(item)}`);
          have += missing;
        }
        if (have < amount) return undefined;
        owned.set(item, have - amount);
      }
      plan.push(craftCommand(way.recipe, way.inputs));
      const { result, amount } = way.recipe;
      owned.set(result, (owned.get(result) ?? 0) + amount);
    }
    return plan;
  }

  #waysTo(item: string): readonly Way[] {
    let ways = this.#ways.get(item);
    if (ways === undefined) {
      ways = (this.#book.ofItem.get(item) ?? []).flatMap((recipe) => this.#fill(recipe));
      this.#ways.set(item, ways);
    }
    return ways;
  }

  /** Every choice of items for a recipe's tags. */
  #fill(recipe: Recipe): Way[] {
    let choices: Way["inputs"][] = [[]];
    for (const { name, isTag, amount } of recipe.ingredients) {
      const items = isTag ? (this.#members.get(name) ?? []) : [name];
      choices = choices.flatMap((inputs) => items.map((item) => [...inputs, { item, amount }]));
    }
    return choices.map((inputs) => ({ recipe, inputs }));
  }

  /** Crafts on the longest way from raw materials; a way that leads back to itself counts as raw. */
  #height(item: string): number {
    const known = this.#heights.get(item);
    if (known !== undefined) return known;
    this.#heights.set(item, 0);
    let height = 0;
    for (const { inputs } of this.#waysTo(item)) {
      for (const input of inputs) height = Math.max(height, 1 + this.#height(input.item));
    }
    this.#heights.set(item, height);
    return height;
  }
}

/** Crafts (sign 1) or takes back (sign -1). */
function apply(stock: Map<string, number>, { recipe, inputs }: Way, sign: 1 | -1): void {
  stock.set(recipe.result, (stock.get(recipe.result) ?? 0) + sign * recipe.amount);
  for (const { item, amount } of inputs) stock.set(item, (stock.get(item) ?? 0) - sign * amount);
}

/** The command that crafts a recipe from concrete items. */
export function craftCommand(
  { amount, result }: Recipe,
  inputs: readonly { readonly item: string; readonly amount: number }[],
): string {
  const used = inputs.map((input) => `${input.amount} ${readable(input.item)}`);
  return `craft ${amount} ${readable(result)} using ${used.join(", ")}`;
}
