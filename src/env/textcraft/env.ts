/**
 * TextCraft: craft an item from Minecraft's recipes, in text.
 *
 * Task         One goal item: a readable name ("oak fence"), an id, or a published problem
 *              ("adapt200/17", or just its number). Splits by goal: train, validation, test. Panels:
 *              heldout (validation and test), all (AgentGym's numbering), adapt200 (the published
 *              problems, with exactly the recipe lines they were published with).
 * Actions      `get {n} {item}` · `craft {n} {item} using {n1} {in1}, {n2} {in2}` · `inventory`.
 * Observation  Opening: recipe lines (all that the goal may need and some distractors, shuffled) and
 *              the goal. Then one line per command, literally the original's.
 * Reward       1 when the goal item is crafted, else 0.
 * End          Crafting the goal terminates; `maxTurns` truncates. The game itself has no limit.
 * Arguments    `data`: a directory with recipes.json or recipe files, problems-adapt200.json optional.
 *              Options: options.ts; `empg envs textcraft` lists them.
 * Admissible   Gets of the raw items on show (the shortest plan's total amount, else the recipe's), the
 *              shown recipes that can be crafted now with what is carried, `inventory`; in this order.
 *
 * Differences from the original
 * 1. Recipe files are read in sorted order, there in the file system's. The cycle rule then keeps
 *    `1 iron ingot using 9 iron nugget` (gold, honey block alike) in place of its inverse, against 15
 *    of the published problems; number 137 has then no solution. `reading=published` makes all 200
 *    what they were.
 * 2. Making an opening does not add sub-recipes to the goal's own recipes: `craft 1 {goal} using` a
 *    sub-recipe's ingredients is refused.
 * 3. Distractors and order are drawn from (task, seed) by our generator; a recipe used by an ingredient
 *    counts once among those they are drawn from.
 * 4. Numbers of more than 4,300 digits, which stop the original, are not understood.
 */
import { invariant } from "../../core/errors.ts";
import type { Episode, Outcome } from "../env.ts";
import { Crafting } from "./crafting.ts";
import { canGet, type Position } from "./expert.ts";
import { craftCommand, type Planner } from "./planner.ts";
import { type Recipe, type RecipeBook, readable } from "./recipe-book.ts";
import { openingText } from "./tasks.ts";

/** What an episode starts from; all of it is fixed by (task, seed). */
export interface Start {
  readonly task: string;
  readonly goal: string;
  readonly lines: readonly string[];
  /** The recipes on show that are in force, in the order of their lines. */
  readonly shown: readonly Recipe[];
  readonly distractors: readonly Recipe[];
  readonly maxTurns: number;
}

export class TextCraftEpisode implements Episode, Position {
  readonly task: string;
  readonly opening: string;
  readonly goal: string;
  readonly distractors: readonly Recipe[];
  readonly #book: RecipeBook;
  readonly #planner: Planner;
  readonly #crafting: Crafting;
  readonly #shown: readonly Recipe[];
  readonly #maxTurns: number;
  #turns = 0;
  #ended = false;
  #gets: readonly string[] | undefined;

  constructor(book: RecipeBook, planner: Planner, start: Start) {
    this.task = start.task;
    this.goal = start.goal;
    this.opening = openingText(start.goal, start.lines);
    this.distractors = start.distractors;
    this.#book = book;
    this.#planner = planner;
    this.#crafting = new Crafting(book);
    this.#shown = start.shown;
    this.#maxTurns = start.maxTurns;
  }

  get held(): ReadonlyMap<string, bigint> {
    return this.#crafting.held;
  }

  step(action: string): Outcome {
    invariant(!this.#ended, `textcraft: "${this.task}" has ended, no further action is possible`);
    const { observation, done, crafted } = this.#crafting.execute(action);
    const success = crafted === this.goal;
    this.#turns++;
    const end = success ? "terminated" : this.#turns >= this.#maxTurns ? "truncated" : null;
    this.#ended = end !== null;
    return { observation, reward: success ? 1 : 0, end, valid: done, success };
  }

  admissible(): readonly string[] {
    if (this.#ended) return [];
    this.#gets ??= this.#usefulGets();
    return [...new Set([...this.#gets, ...this.#possibleCrafts(), "inventory"])];
  }

  /** What is carried, in any order of acquisition. */
  stateKey(): string {
    const entries = [...this.held].map(([item, count]) => `${item}=${count}`);
    return entries.sort().join(" ");
  }

  close(): void {
    this.#ended = true;
  }

  #usefulGets(): string[] {
    const gets = new Map<string, string>();
    for (const command of this.#planner.plan(this.goal) ?? []) {
      const item = /^get \d+ (.*)$/.exec(command)?.[1];
      if (item !== undefined) gets.set(item, command);
    }
    const listed: string[] = [];
    for (const { ingredients } of this.#shown) {
      for (const { name, isTag, amount } of ingredients) {
        if (isTag || !canGet(this.#book, name)) continue;
        const item = readable(name);
        const command = gets.get(item) ?? `get ${amount} ${item}`;
        gets.set(item, command);
        listed.push(command);
      }
    }
    return listed;
  }

  #possibleCrafts(): string[] {
    const { tagOf } = this.#book;
    return this.#shown.flatMap((recipe) => {
      let choices: { item: string; amount: number }[][] = [[]];
      for (const { name, isTag, amount } of recipe.ingredients) {
        const owned = [...this.held].filter(
          ([item, count]) =>
            count >= BigInt(amount) && (isTag ? tagOf.get(item) === name : item === name),
        );
        choices = choices.flatMap((inputs) => owned.map(([item]) => [...inputs, { item, amount }]));
      }
      return choices.map((inputs) => craftCommand(recipe, inputs));
    });
  }
}
