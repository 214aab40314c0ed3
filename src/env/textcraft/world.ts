/** Opens TextCraft: reads its data and options, lists its tasks, starts its episodes. */
import { invariant, UserError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { AgentFormat, Episode, Expert, Mistakes, World, WorldOptions } from "../env.ts";
import { readOptions } from "../options.ts";
import { TextCraftEpisode } from "./env.ts";
import { erringExpert, textcraftExpert } from "./expert.ts";
import { FORMATS } from "./format.ts";
import { OPTIONS } from "./options.ts";
import { Planner } from "./planner.ts";
import { readProblems } from "./problems.ts";
import { type Recipe, type RecipeBook, readable, recipeBook, recipeLine } from "./recipe-book.ts";
import { readRecipes, type WrittenRecipe } from "./recipes.ts";
import { embeddedProblems, embeddedRecipes, type Problem } from "./table.ts";
import { drawLines, findTask, goalsOf, PANEL, recipesBelow, splitOf, usesOf } from "./tasks.ts";

export class TextCraft implements World {
  readonly name = "textcraft";
  readonly format: AgentFormat;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly book: RecipeBook;
  readonly #planner: Planner;
  readonly #problems: readonly Problem[];
  readonly #goals: ReadonlyMap<string, string>;
  readonly #uses: ReadonlyMap<string, readonly Recipe[]>;
  readonly #byLine: ReadonlyMap<string, Recipe>;
  readonly #distractors: number;
  readonly #below = new Map<string, readonly Recipe[]>();

  constructor({ data, option = {} }: WorldOptions = {}) {
    const options = readOptions("textcraft", OPTIONS, option);
    const { minSolutionTurns: shortest, reading } = options;
    const longest = options.maxSolutionTurns ?? Number.POSITIVE_INFINITY;
    this.format = FORMATS[options.format];
    this.#distractors = options.distractors;

    const written = data === undefined ? embeddedRecipes() : readRecipes(data);
    this.book = recipeBook(written);
    this.#problems =
      (data === undefined ? embeddedProblems() : readProblems(data, this.book)) ?? [];
    if (reading === "published") this.book = recipeBook(publishedFirst(written, this.#problems));
    this.#planner = new Planner(this.book);
    this.#uses = usesOf(this.book);
    this.#byLine = new Map(this.book.recipes.map((recipe) => [recipe.line, recipe]));
    this.#goals = new Map(goalsOf(this.book).map((id) => [readable(id), id]));

    const limited = shortest > 0 || Number.isFinite(longest);
    const goals = [...this.#goals.keys()].filter((goal) => {
      if (!limited) return true;
      const turns = this.solutionTurns(goal);
      return shortest <= turns && turns <= longest;
    });
    if (goals.length === 0) {
      const range = `min_solution_turns ${shortest}, max_solution_turns ${longest}`;
      throw new UserError(`textcraft: no goal has a shortest solution in this range: ${range}`);
    }
    const inSplit = (split: string) => goals.filter((goal) => splitOf(goal) === split);
    this.splits = {
      train: inSplit("train"),
      validation: inSplit("validation"),
      test: inSplit("test"),
      heldout: goals.filter((goal) => splitOf(goal) !== "train"),
      all: goals,
      ...(this.#problems.length > 0 && { [PANEL]: this.#problems.map((_, n) => `${PANEL}/${n}`) }),
    };
  }

  /** Commands in a shortest solution of a task, from an empty inventory. */
  solutionTurns(task: string): number {
    const found = findTask(task, this.#goals, this.#problems);
    const goal = "goal" in found ? found.goal : found.problem.goal;
    return this.#planner.plan(goal)?.length ?? Number.POSITIVE_INFINITY;
  }

  start(task: string, seed: number, maxTurns = Number.POSITIVE_INFINITY): TextCraftEpisode {
    const found = findTask(task, this.#goals, this.#problems);
    const goal = "goal" in found ? found.goal : found.problem.goal;
    const needed = this.#recipesBelow(goal);
    const lines =
      "problem" in found
        ? found.problem.lines
        : drawLines(needed, this.#uses, this.#distractors, seedFor(seed, "textcraft", goal));
    const shown = lines.flatMap((line) => this.#byLine.get(line) ?? []);
    const used = new Set(needed.map(({ line }) => line));
    const distractors = shown.filter(({ line }) => !used.has(line));
    return new TextCraftEpisode(this.book, this.#planner, {
      ...{ task, goal, lines, shown, distractors, maxTurns },
    });
  }

  expert(episode: Episode, mistakes?: Mistakes): Expert {
    invariant(episode instanceof TextCraftEpisode, "this episode is not TextCraft's");
    if (!this.book.ofItem.has(episode.goal)) {
      const problem = `textcraft: "${episode.task}": no recipe in force crafts its goal`;
      throw new UserError(problem, "open the world with the option reading=published");
    }
    if (mistakes === undefined) return textcraftExpert(this.#planner, episode);
    return erringExpert(this.#planner, this.book, episode, mistakes);
  }

  #recipesBelow(goal: string): readonly Recipe[] {
    const known = this.#below.get(goal);
    if (known !== undefined) return known;
    const recipes = recipesBelow(this.book, goal);
    this.#below.set(goal, recipes);
    return recipes;
  }
}

/** The written recipes with those that a published problem shows before the others. */
function publishedFirst(written: WrittenRecipe[], problems: readonly Problem[]): WrittenRecipe[] {
  const shown = new Set(problems.flatMap(({ lines }) => lines));
  const isShown = (recipe: WrittenRecipe) => shown.has(recipeLine(recipe));
  return [...written.filter(isShown), ...written.filter((recipe) => !isShown(recipe))];
}
