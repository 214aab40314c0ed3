/** Reads a goal: conjunctions of (nested) existentials over facts, flattened to literals. */
import { UserError } from "../../core/errors.ts";
import { CONDITIONS, TRAITS } from "./layout.ts";
import type { Problem } from "./problem.ts";
import { type Expression, List, shortened } from "./s-expression.ts";

/** An atom of the goal, perhaps negated. */
export interface Literal {
  readonly predicate: string;
  readonly terms: readonly string[];
  readonly negated: boolean;
}

/** A part of a goal that shares no variable with the others. */
export interface GoalPart {
  readonly literals: readonly Literal[];
  /** Variable → type; each has a name of its own. */
  readonly variables: ReadonlyMap<string, string>;
  /** What is wrong with this part. */
  outside(why: string): UserError;
}

/** @throws UserError for a goal outside the subset, naming the part and its line */
export function goalParts(problem: Problem): GoalPart[] {
  const outside = outsideOf(problem);
  // Nothing to do would be done at once.
  if (conjuncts(problem.goal).length === 0) throw outside(problem.goal, "asks for nothing");
  return conjuncts(problem.goal).map((part) => {
    const variables = new Map<string, string>();
    const literals = flatten(part, new Map(), variables, outside);
    if (literals.length === 0) throw outside(part, "asks for nothing");
    return { literals, variables, outside: (why) => outside(part, why) };
  });
}

function outsideOf({ where }: Problem): Outside {
  return (part, why) => {
    const line = part instanceof List ? `:${part.line}` : "";
    return new UserError(`${where}${line}: the goal's "${shortened(part)}" ${why}`, SUBSET);
  };
}

const SUBSET =
  "empg reads goals of and, exists, facts, (= a b), and each of the last two after not";

function conjuncts(expression: Expression): readonly Expression[] {
  if (!(expression instanceof List) || expression.head !== "and") return [expression];
  return expression.items.slice(1).flatMap(conjuncts);
}

type Outside = (part: Expression, why: string) => UserError;

/**
 * The literals of nested `and` and `exists`. Every variable gets a name of its own, entered in `variables`
 * with its type; `scope` says what it is called here.
 */
function flatten(
  part: Expression,
  scope: ReadonlyMap<string, string>,
  variables: Map<string, string>,
  outside: Outside,
): Literal[] {
  if (!(part instanceof List)) throw outside(part, "is not a condition");
  const { head, items } = part;
  if (head === "and") {
    return items.slice(1).flatMap((inner) => flatten(inner, scope, variables, outside));
  }
  if (head === "exists") {
    const [, list, body] = items;
    if (!(list instanceof List) || body === undefined || items.length !== 3) {
      throw outside(part, "needs a list of variables and one condition");
    }
    const inner = new Map(scope);
    for (const [name, type] of readVariables(list, outside)) {
      const own = `${name}/${variables.size}`;
      variables.set(own, type);
      inner.set(name, own);
    }
    return flatten(body, inner, variables, outside);
  }
  if (head !== "not") return [atom(part, scope, outside)];
  const [, inner] = items;
  if (!(inner instanceof List) || items.length !== 2) throw outside(part, "is not a condition");
  return [{ ...atom(inner, scope, outside), negated: true }];
}

/** `?a ?b - object ?c - agent` as pairs of name and type. */
function readVariables(list: List, outside: Outside): [string, string][] {
  const words = list.items;
  const read: [string, string][] = [];
  let waiting: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Expression;
    if (typeof word !== "string") throw outside(list, "is not a list of variables");
    if (word !== "-") {
      waiting.push(word);
      continue;
    }
    const type = words[++i];
    if (typeof type !== "string") throw outside(list, "is not a list of variables");
    read.push(...waiting.map((name): [string, string] => [name, type]));
    waiting = [];
  }
  if (waiting.length > 0) throw outside(list, "has a variable without a type");
  return read;
}

function atom(part: List, scope: ReadonlyMap<string, string>, outside: Outside): Literal {
  const [predicate, ...terms] = part.items;
  if (typeof predicate !== "string" || !terms.every((term) => typeof term === "string")) {
    throw outside(part, "is not a fact");
  }
  const arity =
    predicate === "=" ? 2 : Object.hasOwn(ARITY, predicate) ? ARITY[predicate] : undefined;
  if (arity === undefined) throw outside(part, `has "${predicate}", which no goal may ask for`);
  if (terms.length !== arity) throw outside(part, `takes ${arity} arguments`);
  const named = (terms as string[]).map((term) => scope.get(term) ?? term);
  const loose = named.find((term) => term.startsWith("?") && ![...scope.values()].includes(term));
  if (loose !== undefined) throw outside(part, `has ${loose} outside its exists`);
  return { predicate, terms: named, negated: false };
}

/** Arguments of each predicate that a goal may have. */
const ARITY: Readonly<Record<string, number>> = {
  ...{ objecttype: 2, receptacletype: 2, cancontain: 2, receptacleatlocation: 2, openable: 1 },
  ...{ inreceptacle: 2, atlocation: 2, holds: 2, holdsany: 1, opened: 1, objectatlocation: 2 },
  ...Object.fromEntries([...TRAITS, ...CONDITIONS].map((name) => [name, 1])),
};
