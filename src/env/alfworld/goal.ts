/**
 * Goals: conjunctions of (nested) existentials over facts. Compiled once: what never changes is worked out,
 * what is left is, for each independent part, a list of ways to fulfil it, each a few bits to look at.
 */
import type { UserError } from "../../core/errors.ts";
import { includes } from "./bits.ts";
import { goalParts, type Literal } from "./goal-literals.ts";
import type { House } from "./house.ts";
import { typeName } from "./initial-facts.ts";
import { type Condition, HELD, LOCATION } from "./layout.ts";
import type { Numbering } from "./numbering.ts";
import type { Problem } from "./problem.ts";

/** The bits of `word` under `mask` are `value`, or they are not. */
interface Test {
  readonly word: number;
  readonly mask: number;
  readonly value: number;
  readonly is: boolean;
}

/** Fulfilled when in every part some way has all its tests true. */
export type Goal = readonly (readonly (readonly Test[])[])[];

const ALL_BITS = 0xffffffff;
/** More ways than this and the goal is a search, not a goal. */
const MOST_WAYS = 200_000;
/** Assignments that are looked at for them: the released goals need at most 1,067, the generated ones 2,703. */
const MOST_TRIED = 1_000_000;

export function isFulfilled(goal: Goal, state: Uint32Array): boolean {
  return goal.every((ways) =>
    ways.some((tests) =>
      tests.every(({ word, mask, value, is }) => ((state[word]! & mask) >>> 0 === value) === is),
    ),
  );
}

/** Some part of a goal that cannot has no way at all: the house lacks what it asks for. */
export function canBeFulfilled(goal: Goal): boolean {
  return goal.every((ways) => ways.length > 0);
}

/** @throws UserError for a goal outside this subset, naming the part */
export function compileGoal(problem: Problem, house: House, { indexOf }: Numbering): Goal {
  const world = { house, types: problem.types, indexOf };
  return goalParts(problem).map(({ literals, variables, outside }) => {
    const names = literals.flatMap(({ terms }) => terms.filter((term) => !variables.has(term)));
    const unknown = names.find((name) => !problem.types.has(name));
    if (unknown !== undefined) throw outside(`names ${unknown}, which is none of the objects`);
    return waysOf(literals, variables, world, outside);
  });
}

/** What names in a goal stand for. */
interface Entities {
  readonly house: House;
  readonly types: ReadonlyMap<string, string>;
  readonly indexOf: ReadonlyMap<string, number>;
}

/** All assignments of the variables that agree with what never changes, as tests of what does. */
function waysOf(
  literals: readonly Literal[],
  variables: ReadonlyMap<string, string>,
  entities: Entities,
  outside: (why: string) => UserError,
): Test[][] {
  const domains = [...variables].map(([name, type]) => {
    const own = literals.filter(({ terms }) => involvesOnly(terms, name, variables));
    const ids = idsOf(type, entities);
    const bound = new Map<string, string>();
    const fits = (id: string) => {
      bound.set(name, id);
      return own.every((literal) => evaluate(literal, bound, entities) !== false);
    };
    return { name, ids: ids.filter(fits) };
  });
  domains.sort((a, b) => a.ids.length - b.ids.length);
  const ways: Test[][] = [];
  let tried = 0;
  const bound = new Map<string, string>();
  const search = (depth: number, open: readonly Literal[], tests: readonly Test[]) => {
    if (++tried > MOST_TRIED) throw outside("has too many variables to be worked out");
    const next = domains[depth];
    const ready = open.filter(({ terms }) => terms.every((t) => !variables.has(t) || bound.has(t)));
    const found = [...tests];
    for (const literal of ready) {
      const value = evaluate(literal, bound, entities);
      if (value === false) return;
      if (value !== true) found.push(value);
    }
    if (next === undefined) {
      if (ways.push(found) > MOST_WAYS) throw outside("can be fulfilled in too many ways");
      return;
    }
    const rest = open.filter((literal) => !ready.includes(literal));
    for (const id of next.ids) {
      bound.set(next.name, id);
      search(depth + 1, rest, found);
    }
    bound.delete(next.name);
  };
  search(0, literals, []);
  return ways;
}

/** Entities of a type that occur in some fact; the agent always does. */
function idsOf(type: string, { types, indexOf }: Entities): string[] {
  const ids: string[] = [];
  for (const [id, own] of types) {
    if (own === type && (type === "agent" || indexOf.has(id))) ids.push(id);
  }
  return ids;
}

function involvesOnly(
  terms: readonly string[],
  name: string,
  variables: ReadonlyMap<string, string>,
): boolean {
  return terms.includes(name) && terms.every((term) => term === name || !variables.has(term));
}

/** A literal whose variables are bound: decided, or a test of the state. */
function evaluate(
  { predicate, terms, negated }: Literal,
  bound: ReadonlyMap<string, string>,
  entities: Entities,
): boolean | Test {
  const names = terms.map((term) => bound.get(term) ?? term);
  const value = predicate === "=" ? names[0] === names[1] : fact(predicate, names, entities);
  if (typeof value === "boolean") return value !== negated;
  return { ...value, is: value.is !== negated };
}

/** A test of one bit (or a whole word) of the state, or a fact that stays as it is. */
function fact(
  predicate: string,
  names: readonly string[],
  { house, types, indexOf }: Entities,
): boolean | Test {
  const [first = "", second = ""] = names;
  const a = indexOf.get(first) ?? -1;
  const b = indexOf.get(second) ?? -1;
  const known = names.every((name) => types.has(name));
  if (!known) return false;
  const element = (at: number, index: number): Test => {
    const mask = (1 << (index & 31)) >>> 0;
    return { word: at + (index >>> 5), mask, value: mask, is: true };
  };
  const whole = (word: number, value: number): Test => ({ word, mask: ALL_BITS, value, is: true });
  const trait = house.traits[predicate];
  if (trait !== undefined) return a >= 0 && includes(trait, 0, a);
  const condition = house.conditionAt[predicate as Condition] as number | undefined;
  if (condition !== undefined) return a >= 0 && element(condition, a);
  switch (predicate) {
    case "objecttype":
      return house.objectTypes[a] === typeName(second);
    case "receptacletype":
      return house.receptacleTypes[a] === typeName(second);
    case "cancontain":
      return house.allowed.get(typeName(first))?.has(typeName(second)) === true;
    case "receptacleatlocation":
      return house.locationOf[a] === b;
    case "openable":
      return house.openable[a] === true;
    case "opened":
      return a >= 0 && element(house.openedAt, a);
    case "inreceptacle":
      if (types.get(second) !== "receptacle" || a < 0 || b < 0) return false;
      return element(house.insideAt + b * house.setWords, a);
    case "objectatlocation":
      return a >= 0 && b >= 0 && element(house.lyingAt + b * house.setWords, a);
    case "atlocation":
      return b >= 0 && whole(LOCATION, b);
    case "holds":
      return b >= 0 && whole(HELD, b + 1);
    default:
      return { ...whole(HELD, 0), is: false };
  }
}
