/** Reads the published problems: `problems-adapt200.json`, a list of {goal: "craft X.", commands}. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { parseJson } from "../../core/json-text.ts";
import { readText } from "../../core/text-file.ts";
import type { RecipeBook } from "./recipe-book.ts";
import type { Problem } from "./table.ts";

/**
 * Undefined when the directory has no such file.
 * @throws UserError for a malformed file or a goal that these recipes do not know
 */
export function readProblems(directory: string, book: RecipeBook): Problem[] | undefined {
  const path = join(directory, "problems-adapt200.json");
  if (!existsSync(path)) return undefined;
  const content = parseJson(readText(path), path);
  if (!Array.isArray(content)) throw new UserError(`${path}: expected a list of problems`);
  return content.map((value: unknown, index) =>
    problemOf(`${path}: problem ${index}`, value, book),
  );
}

function problemOf(source: string, value: unknown, book: RecipeBook): Problem {
  const { goal, commands } = (value ?? {}) as Record<string, unknown>;
  const name = typeof goal === "string" ? /^craft (.+)\.$/.exec(goal)?.[1] : undefined;
  if (name === undefined) {
    throw new UserError(`${source}: goal: expected "craft {item}.", found ${JSON.stringify(goal)}`);
  }
  if (!Array.isArray(commands) || !commands.every((line) => typeof line === "string")) {
    throw new UserError(`${source}: commands: expected a list of strings`);
  }
  const id = `minecraft:${name.replaceAll(" ", "_")}`;
  if (!book.items.has(id)) {
    throw new UserError(`${source}: goal: no recipe of this data mentions "${name}"`);
  }
  return { goal: id, lines: commands };
}
