/** A PDDL problem: who exists, what holds at the start, what is to be true at the end. */
import { UserError } from "../../core/errors.ts";
import { type Expression, List, readExpression, shortened } from "./s-expression.ts";

/** A predicate and its arguments, all in lower case. */
export type Fact = readonly string[];

export interface Problem {
  /** Entity → its type. */
  readonly types: ReadonlyMap<string, string>;
  readonly facts: readonly Fact[];
  /** Line of each fact, from 1; absent for a problem that was not read from a text. */
  readonly lines?: readonly number[];
  /** The expression after `:goal`. */
  readonly goal: Expression;
  /** The file (or part of one) for messages. */
  readonly where: string;
}

/** Predicates a fact may have, with the types of its arguments; another one would go unheard. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  atlocation: ["agent", "location"],
  receptacleatlocation: ["receptacle", "location"],
  objectatlocation: ["object", "location"],
  receptacletype: ["receptacle", "rtype"],
  objecttype: ["object", "otype"],
  cancontain: ["rtype", "otype"],
  // The container may be an object: a sink or bathtub, which are receptacles no longer.
  inreceptacle: ["object", "*"],
  inreceptacleobject: ["object", "object"],
  wasinreceptacle: ["object", "receptacle"],
  holds: ["agent", "object"],
  holdsany: ["agent"],
  holdsanyreceptacleobject: ["agent"],
  checked: ["*"],
  examined: ["*"],
  full: ["receptacle"],
  isreceptacleobjectfull: ["object"],
  ...Object.fromEntries(["openable", "opened"].map((name) => [name, ["receptacle"]])),
  ...Object.fromEntries(
    [
      ...["pickupable", "moveable", "isreceptacleobject", "cleanable", "heatable", "coolable"],
      ...["toggleable", "sliceable", "isclean", "ishot", "iscool", "ison", "istoggled", "issliced"],
    ].map((name) => [name, ["object"]]),
  ),
};

/** @throws UserError naming line and token */
export function readProblem(text: string, where: string): Problem {
  const whole = readExpression(text, where);
  if (whole.head !== "define") throw wrong(where, whole, '"(define …"', whole.head ?? "(");
  const types = new Map<string, string>();
  let facts: Fact[] | undefined;
  let lines: readonly number[] = [];
  let goal: Expression | undefined;
  for (const section of whole.items.slice(1)) {
    if (!(section instanceof List)) throw wrong(where, whole, "a section", section);
    const { head = "", items } = section;
    if (head === ":objects") readTyped(section, where, types);
    else if (head === ":init") {
      const told = items.slice(1).filter((one) => !isNumeric(one));
      facts = told.map((one) => readFact(one, section, where));
      lines = told.map((one) => (one as List).line);
    } else if (head === ":goal") {
      goal = items[1];
      if (items.length !== 2) throw wrong(where, section, "one condition", section);
    } else if (!["problem", ":domain", ":metric", ":requirements"].includes(head)) {
      throw wrong(where, section, ":objects, :init or :goal", head);
    }
  }
  const missing = [types.size > 0 || ":objects", facts ?? ":init", goal ?? ":goal"];
  const name = missing.find((one) => typeof one === "string" && one.startsWith(":"));
  if (name !== undefined) throw new UserError(`${where}: there is no (${name} …) in it`);
  for (const [i, fact] of (facts ?? []).entries()) checkFact(fact, types, `${where}:${lines[i]}`);
  return { types, facts: facts ?? [], lines, goal: goal as Expression, where };
}

/** `a b - object c - location …`; a later type does not change an earlier one. */
function readTyped({ items, line }: List, where: string, types: Map<string, string>): void {
  let waiting: string[] = [];
  for (let i = 1; i < items.length; i++) {
    const item = items[i] as Expression;
    if (typeof item !== "string") throw wrong(where, item, "a name", item);
    if (item !== "-") {
      waiting.push(item);
      continue;
    }
    const type = items[++i];
    if (typeof type !== "string") throw new UserError(`${where}:${line}: a "-" without a type`);
    for (const name of waiting) if (!types.has(name)) types.set(name, type);
    waiting = [];
  }
  const [untyped] = waiting;
  if (untyped !== undefined) throw new UserError(`${where}:${line}: "${untyped}" has no type`);
}

/** An initial cost or distance, which has no effect on play. */
function isNumeric(expression: Expression): boolean {
  return expression instanceof List && expression.head === "=";
}

function readFact(expression: Expression, section: List, where: string): Fact {
  if (!(expression instanceof List)) throw wrong(where, section, "a fact", expression);
  const { items } = expression;
  if (!items.every((item) => typeof item === "string") || items.length === 0) {
    throw wrong(where, expression, "a predicate and names", expression);
  }
  return items as string[];
}

function checkFact(fact: Fact, types: ReadonlyMap<string, string>, where: string): void {
  const [predicate = ""] = fact;
  const signature = Object.hasOwn(SIGNATURES, predicate) ? SIGNATURES[predicate] : undefined;
  const shown = () => shortened(`(${fact.join(" ")})`);
  if (signature === undefined) {
    throw new UserError(`${where}: unknown predicate "${predicate}" in the fact ${shown()}`);
  }
  if (signature.length !== fact.length - 1) {
    const counts = `${signature.length} arguments, found ${fact.length - 1}`;
    throw new UserError(`${where}: "${predicate}" takes ${counts}: ${shown()}`);
  }
  for (let place = 0; place < signature.length; place++) {
    const name = fact[place + 1]!;
    const type = types.get(name);
    const expected = signature[place]!;
    if (type === expected || (expected === "*" && type !== undefined)) continue;
    const found = type === undefined ? "which :objects does not list" : `which is a ${type}`;
    throw new UserError(`${where}: ${shown()}: expected a ${expected}, found "${name}", ${found}`);
  }
}

function wrong(where: string, at: List, expected: string, found: Expression): UserError {
  const shown = shortened(found);
  return new UserError(`${where}:${at.line}: expected ${expected}, found "${shown}"`);
}
