import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";

/** @throws UserError for an option that a world does not know, naming the nearest and all that it knows */
export function checkOptionNames(
  world: string,
  option: Readonly<Record<string, string>>,
  known: readonly string[],
): void {
  for (const name of Object.keys(option)) {
    if (known.includes(name)) continue;
    const allowed = known.join(", ");
    const hint = didYouMean(name, known);
    throw new UserError(`${world}: unknown option "${name}" (allowed: ${allowed})`, hint);
  }
}
