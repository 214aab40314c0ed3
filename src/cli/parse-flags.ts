/** Arguments of a command, parsed strictly by its declaration. */

import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { type Flag, type Flags, type Operands, optionName, type Parsed } from "./flags.ts";

/**
 * Arguments → typed values. A value may follow its option or stand behind `=`; after `--` all are
 * operands; `-` alone is a value, not an option.
 *
 * @param command the command's name, for errors
 */
export function parseFlags<F extends Flags, O extends Operands>(
  command: string,
  declared: { readonly flags: F; readonly operands: O },
  args: readonly string[],
): Parsed<F, O> {
  const keys = new Map(Object.keys(declared.flags).map((key) => [optionName(key), key]));
  const given = new Map<string, unknown[]>();
  const operands: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === "--") {
      operands.push(...args.slice(index + 1));
      break;
    }
    if (arg === "-" || !arg.startsWith("-")) {
      operands.push(arg);
      continue;
    }
    const equals = arg.indexOf("=");
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const key = keys.get(name);
    const flag = key === undefined ? undefined : declared.flags[key];
    if (key === undefined || flag === undefined) throw unknownOption(command, name, keys.keys());
    if (given.has(key) && !flag.repeatable) throw new UserError(`${name}: given twice`);
    let value: unknown = true;
    if (flag.read === undefined) {
      if (equals >= 0)
        throw new UserError(`${name}: takes no value, found "${arg.slice(equals + 1)}"`);
    } else {
      const next = equals < 0 ? args[++index] : arg.slice(equals + 1);
      value = readValue(name, flag, next, equals >= 0);
    }
    given.set(key, [...(given.get(key) ?? []), value]);
  }
  return {
    ...flagValues(declared.flags, given),
    ...operandValues(command, declared.operands, operands),
  } as Parsed<F, O>;
}

function unknownOption(command: string, name: string, known: Iterable<string>): UserError {
  const near = didYouMean(name, [...known, "--help"]);
  return new UserError(
    `${command}: unknown option ${name}`,
    near === "" ? `empg ${command} --help lists the options` : near.replaceAll('"', ""),
  );
}

function readValue(
  name: string,
  flag: Flag<unknown>,
  value: string | undefined,
  attached: boolean,
): unknown {
  if (value === undefined || (!attached && value.startsWith("--"))) {
    throw new UserError(`${name}: its value ${flag.placeholder} is missing`);
  }
  const parsed = flag.read?.(value);
  if (parsed === undefined) {
    throw new UserError(`${name}: found ${JSON.stringify(value)}, allowed: ${flag.allowed}`);
  }
  return parsed;
}

function flagValues(flags: Flags, given: ReadonlyMap<string, unknown[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => {
      const values = given.get(key);
      if (values === undefined) return [key, flag.fallback];
      if (!flag.repeatable) return [key, values[0]];
      const keyed = !Array.isArray(flag.fallback);
      return [key, keyed ? Object.fromEntries(values as [string, string][]) : values];
    }),
  );
}

function operandValues(
  command: string,
  declared: Operands,
  found: readonly string[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  let rest = found;
  for (const [key, { count }] of Object.entries(declared)) {
    if (count === "any") {
      values[key] = rest;
      rest = [];
      continue;
    }
    if (count === "one" && rest.length === 0) {
      throw new UserError(
        `${command}: ${key.toUpperCase()} is missing`,
        `empg ${command} --help shows how it is used`,
      );
    }
    values[key] = rest[0];
    rest = rest.slice(1);
  }
  if (rest[0] !== undefined) {
    throw new UserError(`${command}: unexpected argument ${JSON.stringify(rest[0])}`);
  }
  return values;
}
