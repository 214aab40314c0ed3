/** Options and operands of a command: declared once, and typed by their declaration. */

import { allowedText, type JsonSchema } from "../core/schema-text.ts";

/** One `--option`. The key of its declaration, in camelCase, gives the name: kPrime is --k-prime. */
export interface Flag<Value> {
  readonly help: string;
  /** What stands for the value in the help text; absent for an option without value. */
  readonly placeholder?: string;
  /** The value when the option is absent. */
  readonly fallback: Value;
  readonly repeatable?: boolean;
  /** Reads one value; `undefined` means it is not allowed. */
  readonly read?: (text: string) => unknown;
  readonly allowed?: string;
}

/** An argument without dashes. The key of its declaration names it in the help text. */
export interface Operand<Value> {
  readonly help: string;
  readonly count: "one" | "optional" | "any";
  /** Never set: carries the type of the parsed value. */
  readonly value?: Value;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type Operands = Readonly<Record<string, Operand<unknown>>>;
export type Parsed<F extends Flags, O extends Operands> = {
  readonly [Key in keyof F]: F[Key] extends Flag<infer Value> ? Value : never;
} & { readonly [Key in keyof O]: O[Key] extends Operand<infer Value> ? Value : never };

type Fallback<Value> = { readonly fallback?: Value };
type Result<Value, Options> = Options extends { fallback: Value } ? Value : Value | undefined;

/** A text, passed on as it is. */
export function text<const Options extends Fallback<string>>(
  placeholder: string,
  help: string,
  options?: Options,
): Flag<Result<string, Options>> {
  const fallback = options?.fallback as Result<string, Options>;
  return { placeholder, help, fallback, read: (value) => value };
}

/** One of a few words. */
export function choice<const Word extends string, const Options extends Fallback<Word>>(
  words: readonly Word[],
  help: string,
  options?: Options,
): Flag<Options extends { fallback: string } ? Word : Word | undefined> {
  return {
    placeholder: words.join("|"),
    help,
    fallback: options?.fallback as Options extends { fallback: string } ? Word : Word | undefined,
    read: (value) => words.find((word) => word === value),
    allowed: allowedText({ enum: words }),
  };
}

/** A finite number within the bounds, which read as in JSON Schema. */
export function number<
  const Options extends Fallback<number> & {
    readonly type?: "integer";
    readonly minimum?: number;
    readonly maximum?: number;
    readonly exclusiveMinimum?: number;
  },
>(placeholder: string, help: string, options?: Options): Flag<Result<number, Options>> {
  const schema: JsonSchema = { type: "number", ...options };
  const fits = (value: number) =>
    Number.isFinite(value) &&
    (schema.type !== "integer" || Number.isSafeInteger(value)) &&
    value >= (schema.minimum ?? -Infinity) &&
    value <= (schema.maximum ?? Infinity) &&
    value > (schema.exclusiveMinimum ?? -Infinity);
  return {
    placeholder,
    help,
    fallback: options?.fallback as Result<number, Options>,
    read: (value) => {
      const parsed = value.trim() === "" ? Number.NaN : Number(value);
      return fits(parsed) ? parsed : undefined;
    },
    allowed: allowedText(schema),
  };
}

/** On when given. */
export function toggle(help: string): Flag<boolean> {
  return { help, fallback: false };
}

/** May be given many times; the texts in order. */
export function list(placeholder: string, help: string): Flag<readonly string[]> {
  return { placeholder, help, fallback: [], repeatable: true, read: (value) => value };
}

/** May be given many times, each `key=value`; the last of equal keys wins. */
export function pairs(placeholder: string, help: string): Flag<Readonly<Record<string, string>>> {
  return {
    placeholder,
    help,
    fallback: {},
    repeatable: true,
    read: (value) => {
      const equals = value.indexOf("=");
      return equals < 1 ? undefined : [value.slice(0, equals), value.slice(equals + 1)];
    },
    allowed: "key=value",
  };
}

export const operand = {
  one: (help: string): Operand<string> => ({ help, count: "one" }),
  optional: (help: string): Operand<string | undefined> => ({ help, count: "optional" }),
  any: (help: string): Operand<readonly string[]> => ({ help, count: "any" }),
};

/** Options that every command takes. */
export const COMMON = {
  device: text("NAME", "auto, gpu, software, or a part of an adapter's name"),
  seed: number("N", "the seed every random draw follows from", {
    type: "integer",
    minimum: 0,
    maximum: 0xffff_ffff,
  }),
  json: toggle("one JSON document on standard output, nothing else there"),
} as const;

export function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
