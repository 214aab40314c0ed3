/**
 * Reads a game's text grammar: rules with ordered alternatives, and for each action how it is commanded
 * and which rule answers it. What the rules mean is speech.ts's business.
 *
 *     grammar :: """ { "rule": [ { "condition": "…", "rhs": "…" } ] } """;
 *     action Name { template :: "open {r}"; feedback :: "#rule#"; grammar :: """ … """; }
 */
import { UserError } from "../../core/errors.ts";

export interface Alternative {
  /** Facts that must hold; always, when absent. */
  readonly condition?: string;
  readonly text: string;
}

export interface Grammar {
  readonly rules: ReadonlyMap<string, readonly Alternative[]>;
  /** Action name → command template and feedback. */
  readonly actions: ReadonlyMap<string, { readonly template: string; readonly feedback: string }>;
  /** Where a rule or `action NAME` begins in the text, from 1; absent for a grammar without one. */
  readonly lines?: ReadonlyMap<string, number>;
}

const BLOCK = /\s*grammar\s*::\s*"""([\s\S]*?)"""\s*;/y;
const ACTION = /\s*action\s+(\w+)\s*\{/y;
const FIELD = /\s*(template|feedback)\s*::\s*"([^"]*)"\s*;/y;
const END = /\s*\}/y;

/** @throws UserError naming line and what was found */
export function readGrammar(text: string, where: string): Grammar {
  const rules = new Map<string, readonly Alternative[]>();
  const actions = new Map<string, { template: string; feedback: string }>();
  const lines = new Map<string, number>();
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const line = (position: number) => text.slice(0, position).split("\n").length;
  const unexpected = (expected: string) => {
    while (/\s/.test(text[at] ?? "")) at++;
    const found = JSON.stringify(text.slice(at, at + 20)) || "the end";
    return new UserError(`${where}:${line(at)}: expected ${expected}, found ${found}`);
  };
  const takeRules = () => {
    const block = take(BLOCK);
    if (block === null) return false;
    const json = block[1] as string;
    const start = at - block[0].length + block[0].indexOf(json);
    for (const [name, alternatives] of readRules(json, (offset) => line(start + offset), where)) {
      rules.set(name, alternatives);
      lines.set(name, line(start + placeOf(name, json)));
    }
    return true;
  };
  while (text.slice(at).trim() !== "") {
    if (takeRules()) continue;
    const action = take(ACTION);
    const name = action?.[1];
    if (name === undefined) throw unexpected('"grammar :: """…""";" or "action NAME {"');
    const begins = line(at);
    lines.set(`action ${name}`, begins);
    const fields: Record<string, string> = {};
    while (take(END) === null) {
      const field = take(FIELD);
      if (field !== null) fields[field[1] as string] = field[2] as string;
      else if (!takeRules()) throw unexpected(`template, feedback, grammar or "}" of ${name}`);
    }
    const { template, feedback } = fields;
    if (template === undefined || feedback === undefined) {
      throw new UserError(`${where}:${begins}: action ${name} needs a template and a feedback`);
    }
    actions.set(name, { template, feedback });
  }
  return { rules, actions, lines };
}

/** @param line of a place in the JSON, in the whole text */
function readRules(
  json: string,
  line: (offset: number) => number,
  where: string,
): [string, Alternative[]][] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const reason = (error as Error).message.replace(/^JSON Parse error: /, "");
    throw new UserError(`${where}:${line(0)}: the rules that begin here are not JSON: ${reason}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`${where}:${line(0)}: expected an object of rules`);
  }
  return Object.entries(value).map(([name, alternatives]) => {
    const read = Array.isArray(alternatives) ? alternatives.map(readAlternative) : [];
    if (read.length > 0 && read.every((one) => one !== undefined)) return [name, read];
    const place = `${where}:${line(placeOf(name, json))}`;
    throw new UserError(`${place}: rule "${name}": expected a list of {"condition", "rhs"}`);
  });
}

/** Where a rule begins in the JSON: at its name, if that is written without escapes. */
function placeOf(name: string, json: string): number {
  const found = json.search(new RegExp(`"${RegExp.escape(name)}"\\s*:`));
  return Math.max(0, found);
}

const KEYS = ["condition", "rhs"];

function readAlternative(value: unknown): Alternative | undefined {
  const { condition, rhs } = (value ?? {}) as { condition?: unknown; rhs?: unknown };
  if (typeof rhs !== "string") return undefined;
  // A misspelt key would be a condition that always holds.
  if (!Object.keys(value as object).every((key) => KEYS.includes(key))) return undefined;
  if (condition === undefined) return { text: rhs };
  return typeof condition === "string" ? { condition, text: rhs } : undefined;
}
