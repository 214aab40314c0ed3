/** Values that people give as texts, declared once: what is allowed, what is assumed, what the help says. */

import { allowedText, type JsonSchema } from "./schema-text.ts";

export interface Declared<Value> {
  readonly help: string;
  /** What stands for the value in the help text; absent where there is no value to give. */
  readonly placeholder?: string;
  /** The value when none is given. */
  readonly fallback: Value;
  /** Reads one value; `undefined` means it is not allowed. */
  readonly read?: (text: string) => unknown;
  readonly allowed?: string;
}

type Fallback<Value> = { readonly fallback?: Value };
type Result<Value, Options> = Options extends { fallback: Value } ? Value : Value | undefined;

/** A text, passed on as it is. */
export function text<const Options extends Fallback<string>>(
  placeholder: string,
  help: string,
  options?: Options,
): Declared<Result<string, Options>> {
  const fallback = options?.fallback as Result<string, Options>;
  return { placeholder, help, fallback, read: (value) => value };
}

/** One of a few words. */
export function choice<const Word extends string, const Options extends Fallback<Word>>(
  words: readonly Word[],
  help: string,
  options?: Options,
): Declared<Options extends { fallback: string } ? Word : Word | undefined> {
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
>(placeholder: string, help: string, options?: Options): Declared<Result<number, Options>> {
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

/** One or more names between commas; any, or of a few words. */
export function names<const Word extends string = string>(
  placeholder: string,
  help: string,
  words?: readonly Word[],
): Declared<readonly Word[] | undefined> {
  return {
    placeholder,
    help,
    fallback: undefined,
    read: (value) => {
      const given = value.split(",").map((name) => name.trim());
      const isAllowed = (name: string) =>
        words ? words.some((word) => word === name) : name !== "";
      return given.every(isAllowed) ? given : undefined;
    },
    allowed: words ? `${words.join(", ")}, several between commas` : "names between commas",
  };
}

/** One line about a value: its help, and what is assumed without it. */
export function declaredHelp({ help, fallback }: Declared<unknown>): string {
  const plain = typeof fallback === "string" || typeof fallback === "number";
  return plain ? `${help} (default ${fallback})` : help;
}
