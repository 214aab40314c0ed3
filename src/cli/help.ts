/** Usage and help text, made from the declarations. */

import { declaredHelp } from "../core/declared.ts";
import type { AnyCommand } from "./command.ts";
import { type Flag, type Operands, optionName } from "./flags.ts";

const WIDTH = 100;

/** `empg` alone: every command in half a line. */
export function usageText(version: string, commands: readonly AnyCommand[]): string {
  return [
    `empg ${version}: entropy-modulated policy gradients for LLM agents`,
    "",
    "usage: empg COMMAND [options]",
    "",
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    "",
    "empg COMMAND --help explains one command; empg --version prints the version.",
  ].join("\n");
}

/** `empg COMMAND --help`. */
export function helpText(command: AnyCommand): string {
  const operands = Object.entries(command.operands);
  const flags = Object.entries(command.flags);
  const usage = ["usage: empg", command.name, ...operandUsage(command.operands), "[options]"];
  return [
    usage.join(" "),
    "",
    ...wrap(command.summary, WIDTH),
    "",
    ...columns(operands.map(([key, { help }]) => [key.toUpperCase(), help])),
    ...(operands.length > 0 ? [""] : []),
    "options",
    ...columns([
      ...flags.map(([key, flag]): [string, string] => [flagUsage(key, flag), flagHelp(flag)]),
      ["--help", "this text"],
    ]),
  ].join("\n");
}

function operandUsage(operands: Operands): string[] {
  return Object.entries(operands).map(([key, { count }]) => {
    const name = key.toUpperCase();
    if (count === "one") return name;
    return count === "optional" ? `[${name}]` : `[${name}…]`;
  });
}

function flagUsage(key: string, { placeholder }: Flag<unknown>): string {
  return placeholder === undefined ? optionName(key) : `${optionName(key)} ${placeholder}`;
}

function flagHelp(flag: Flag<unknown>): string {
  return flag.repeatable ? `${flag.help} (repeatable)` : declaredHelp(flag);
}

/** Two columns; a left side too long for its column has its text on the next line. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(24, Math.max(0, ...rows.map(([name]) => name.length)));
  const indent = " ".repeat(left + 4);
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, WIDTH - indent.length).map((line) => indent + line);
    if (name.length > left) return [`  ${name}`, ...lines];
    const [first = "", ...rest] = lines;
    return [`  ${name}`.padEnd(indent.length) + first.trimStart(), ...rest];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
