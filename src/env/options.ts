/** The switches of a world (`--option KEY=VALUE`, `env.option`): declared once, and typed by their declaration. */

import { choice, type Declared } from "../core/declared.ts";
import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";

/** The key of a declaration, in camelCase, gives the name: maxTurns is max_turns. */
export type Options = Readonly<Record<string, Declared<unknown>>>;

export type Chosen<O extends Options> = {
  readonly [Key in keyof O]: O[Key] extends Declared<infer Value> ? Value : never;
};

/** Texts by option name, as they were given. */
export type OptionTexts = Readonly<Record<string, string>>;

/** @throws UserError for an unknown name, with the nearest and all there are, and for a value that is not allowed */
export function readOptions<O extends Options>(
  world: string,
  declared: O,
  texts: OptionTexts,
): Chosen<O> {
  checkNames(world, declared, texts);
  const chosen = Object.entries(declared).map(([key, { fallback, read, allowed }]) => {
    const name = optionName(key);
    const given = texts[name];
    if (given === undefined) return [key, fallback];
    const value = read?.(given);
    if (value !== undefined) return [key, value];
    throw new UserError(
      `${world}: option ${name}: found ${JSON.stringify(given)}, allowed: ${allowed}`,
    );
  });
  return Object.fromEntries(chosen) as Chosen<O>;
}

/** `yes` or `no`, as a boolean. */
export function yesOrNo(help: string, fallback: "yes" | "no") {
  return choice(["yes", "no"], help, { fallback });
}

export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function checkNames(world: string, declared: Options, texts: OptionTexts): void {
  const known = Object.keys(declared).map(optionName);
  for (const name of Object.keys(texts)) {
    if (known.includes(name)) continue;
    throw new UserError(
      `${world}: unknown option "${name}" (allowed: ${known.join(", ")})`,
      didYouMean(name, known),
    );
  }
}
