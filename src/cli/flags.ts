/** Options and operands of a command: declared once, and typed by their declaration. */

import { type Declared, number, text } from "../core/declared.ts";

export { choice, number, text } from "../core/declared.ts";

/** One `--option`. The key of its declaration, in camelCase, gives the name: kPrime is --k-prime. */
export interface Flag<Value> extends Declared<Value> {
  readonly repeatable?: boolean;
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
