/**
 * Writes the embedded table from the published data:
 *
 *     bun src/env/textcraft/make-table.ts ../shared/data/textcraft
 */
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { readProblems } from "./problems.ts";
import { recipeBook, recipeLine } from "./recipe-book.ts";
import { readRecipes } from "./recipes.ts";
import { formatProblem, formatRecipe } from "./table.ts";

/** Recreates `recipes.txt` and `problems-adapt200.txt` beside this file. */
export async function makeTable(directory: string, into = import.meta.dir): Promise<void> {
  const written = readRecipes(directory);
  const problems = readProblems(directory, recipeBook(written));
  if (problems === undefined) throw new UserError(`${directory}: no problems-adapt200.json`);
  const lines = written.map(recipeLine);
  await Bun.write(join(into, "recipes.txt"), text(written.map(formatRecipe)));
  const rows = problems.map((problem) => formatProblem(problem, lines));
  await Bun.write(join(into, "problems-adapt200.txt"), text(rows));
}

function text(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join("");
}

if (import.meta.main) await makeTable(process.argv[2] ?? ".");
