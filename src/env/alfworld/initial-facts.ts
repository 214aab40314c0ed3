/** A problem's facts, in numbers: what never changes, and the state in which a game starts. */
import { UserError } from "../../core/errors.ts";
import { include } from "./bits.ts";
import { CONDITIONS, HELD, type Layout, LOCATION, TRAITS } from "./layout.ts";
import { type Numbering, shared } from "./numbering.ts";
import type { Problem } from "./problem.ts";

export interface InitialFacts {
  readonly initial: Uint32Array;
  /** Location of each receptacle. */
  readonly locationOf: readonly number[];
  readonly openable: readonly boolean[];
  /** Types without the word "type": "apple", "sinkbasin". */
  readonly objectTypes: readonly string[];
  readonly receptacleTypes: readonly string[];
  /** The set of objects of each property. */
  readonly traits: Readonly<Record<string, Uint32Array>>;
  /** Receptacle type → the object types that may be put there. */
  readonly allowed: ReadonlyMap<string, ReadonlySet<string>>;
  /** What a movable container holds, in id order. */
  readonly within: readonly (readonly number[])[];
}

/** @throws UserError for facts that no household has */
export function readInitialFacts(
  { facts, lines, types, where }: Problem,
  { objects, receptacles, indexOf }: Numbering,
  layout: Layout,
): InitialFacts {
  const initial = new Uint32Array(layout.stateWords);
  const locationOf: number[] = receptacles.map(() => -1);
  const openable = receptacles.map(() => false);
  const objectTypes = objects.map(() => "");
  const receptacleTypes = receptacles.map(() => "");
  const allowed = new Map<string, Set<string>>();
  const within: number[][] = objects.map(() => []);
  const traits = Object.fromEntries(TRAITS.map((name) => [name, new Uint32Array(layout.setWords)]));
  let start = -1;
  let line = "";
  const wrong = (problem: string) => new UserError(`${where}${line}: ${problem}`);
  const setAt = (first: number, index: number) => first + index * layout.setWords;

  /** By predicate; a and b are the arguments' numbers, `first` and `second` their ids. */
  const read: Readonly<
    Record<string, (a: number, b: number, first: string, second: string) => void>
  > = {
    ...Object.fromEntries(
      TRAITS.map((name) => [name, (a: number) => include(traits[name] as Uint32Array, 0, a)]),
    ),
    ...Object.fromEntries(
      CONDITIONS.map((name) => [
        name,
        (a: number) => include(initial, layout.conditionAt[name], a),
      ]),
    ),
    openable: (a) => {
      openable[a] = true;
    },
    opened: (a) => include(initial, layout.openedAt, a),
    atlocation: (_, b) => {
      if (start !== -1) throw wrong("the agent is at two locations");
      start = b;
    },
    receptacleatlocation: (a, b) => {
      if (locationOf[a] !== -1) throw wrong(`${receptacles[a]} is at two locations`);
      locationOf[a] = b;
    },
    objectatlocation: (a, b) => include(initial, setAt(layout.lyingAt, b), a),
    // In a sink that is an object things lie unseen.
    inreceptacle: (a, b, _, second) => {
      if (types.get(second) === "receptacle") include(initial, setAt(layout.insideAt, b), a);
    },
    inreceptacleobject: (a, b) => within[b]?.push(a),
    holds: (_, b) => {
      if (initial[HELD] !== 0) throw wrong("the agent holds two objects");
      initial[HELD] = b + 1;
    },
    objecttype: (a, _, __, second) => {
      objectTypes[a] = typeName(second);
    },
    receptacletype: (a, _, __, second) => {
      receptacleTypes[a] = typeName(second);
    },
    cancontain: (_, __, first, second) => {
      const some = allowed.get(typeName(first)) ?? new Set();
      allowed.set(typeName(first), some.add(typeName(second)));
    },
  };
  for (const [i, [predicate = "", first = "", second = ""]] of facts.entries()) {
    line = lines === undefined ? "" : `:${lines[i]}`;
    // Facts without a reader, such as `checked`, change no text and no rule.
    const reader = Object.hasOwn(read, predicate) ? read[predicate] : undefined;
    reader?.(indexOf.get(first) ?? -1, indexOf.get(second) ?? -1, first, second);
  }
  line = "";
  if (start === -1) throw wrong("no fact says where the agent is");
  const homeless = locationOf.indexOf(-1);
  if (homeless >= 0) throw wrong(`${receptacles[homeless]} has no location`);
  initial[LOCATION] = start;
  for (const inner of within) inner.sort((one, other) => one - other);
  return { initial, locationOf, openable, objectTypes, receptacleTypes, traits, allowed, within };
}

/** "sinkbasintype" → "sinkbasin" */
export function typeName(symbol: string): string {
  return shared(symbol.replace(/type$/, ""));
}
