/**
 * The recipes and the 200 published problems inside the executable: facts in a notation of our own.
 *
 *     acacia_door*3@wooden_door=6 acacia_planks      result * amount @ group = ingredients
 *     campfire=3 #logs;3 stick;1 #coals              `#` marks a tag
 *     hopper_minecart=12 0 75                        problem: goal = recipe lines shown, by position
 *
 * `make-table.ts` writes both files from the published data; names without a colon are Minecraft's.
 */
import { invariant } from "../../core/errors.ts";
import problemText from "./problems-adapt200.txt" with { type: "text" };
import { recipeLine } from "./recipe-book.ts";
import type { Ingredient, WrittenRecipe } from "./recipes.ts";
import recipeText from "./recipes.txt" with { type: "text" };

/** A published problem: its goal's id and the recipe lines it shows, in order. */
export interface Problem {
  readonly goal: string;
  readonly lines: readonly string[];
}

export function embeddedRecipes(): WrittenRecipe[] {
  return recipeText.trimEnd().split("\n").map(parseRecipe);
}

export function embeddedProblems(): Problem[] {
  const lines = embeddedRecipes().map(recipeLine);
  const rows = problemText.trimEnd().split("\n");
  return rows.map((row) => {
    const [goal = "", positions = ""] = row.split("=");
    const shown = positions.split(" ").map((position) => {
      const line = lines[Number(position)];
      invariant(line !== undefined, `no recipe ${position} in the table`);
      return line;
    });
    return { goal: long(goal), lines: shown };
  });
}

/** One line of the table. */
export function formatRecipe({ result, amount, group, ingredients }: WrittenRecipe): string {
  const inputs = ingredients.map(
    (ingredient) => `${ingredient.amount} ${ingredient.isTag ? "#" : ""}${short(ingredient.name)}`,
  );
  const count = amount === 1 ? "" : `*${amount}`;
  return `${short(result)}${count}${group === undefined ? "" : `@${group}`}=${inputs.join(";")}`;
}

export function parseRecipe(line: string): WrittenRecipe {
  const match = /^([^*@=]+)(?:\*(\d+))?(?:@([^=]+))?=(.+)$/.exec(line);
  invariant(match, `malformed recipe "${line}" in the table`);
  const [, result = "", amount = "1", group, inputs = ""] = match;
  const ingredients = inputs.split(";").map((input): Ingredient => {
    const [, count, tag, name = ""] = /^(\d+) (#?)(.+)$/.exec(input) ?? [];
    return { name: long(name), isTag: tag === "#", amount: Number(count) };
  });
  return { result: long(result), amount: Number(amount), group, ingredients };
}

/** One line of the problem file; `lines` are all recipe lines in table order. */
export function formatProblem(problem: Problem, lines: readonly string[]): string {
  const positions = problem.lines.map((line) => lines.indexOf(line));
  return `${short(problem.goal)}=${positions.join(" ")}`;
}

function short(id: string): string {
  return id.startsWith("minecraft:") ? id.slice("minecraft:".length) : id;
}

function long(name: string): string {
  return name.includes(":") ? name : `minecraft:${name}`;
}
