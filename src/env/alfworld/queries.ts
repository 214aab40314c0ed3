/**
 * What a text rule may ask of the facts: conditions that choose between alternatives, and lists. Conditions
 * on a thing itself are read as they stand; the few that join facts are known by name.
 */
import { includes, lowest, members } from "./bits.ts";
import type { House } from "./house.ts";
import { CONDITIONS, type Condition, HELD, LOCATION, TRAITS } from "./layout.ts";

/** What the variables of a rule stand for; -1 is nothing. */
export interface Bound {
  /** Receptacle. */
  readonly r: number;
  /** Objects: the one acted on, the inner one of a list, the one that is cut and the one that cuts. */
  readonly o: number;
  readonly o2: number;
  readonly co: number;
  readonly ko: number;
  /** The location arrived at. */
  readonly lend: number;
  /** The agent's own location is meant where a query names one; else any. */
  readonly here: boolean;
}

export const NOTHING_BOUND: Bound = { r: -1, o: -1, o2: -1, co: -1, ko: -1, lend: -1, here: false };

export interface View {
  readonly house: House;
  readonly state: Uint32Array;
}

export type Holds = (view: View, bound: Bound) => boolean;
/** The values of a list's variable, in the order of the facts. */
export type Listing = (view: View, bound: Bound) => readonly number[];

const inside: Listing = ({ house, state }, { r }) =>
  members(state, house.insideAt + r * house.setWords, house.setWords);

const receptaclesHere: Listing = ({ house, state }) =>
  house.receptaclesAt[state[LOCATION]!] as readonly number[];

/** Inside the house at large; once an action has bound the location, at the agent's. */
const receptacles: Listing = (view, { here }) =>
  here ? receptaclesHere(view, NOTHING_BOUND) : view.house.receptacles.map((_, r) => r);

/**
 * Objects at the location that were taken out of a receptacle here and not put back into that one: they
 * lie in another one of the same location. Once for each receptacle they were taken from.
 */
const movedHere: Listing = ({ house, state }) => {
  const { setWords, lyingAt, takenAt, receptaclesAt } = house;
  const location = state[LOCATION]!;
  const found: number[] = [];
  const here = receptaclesAt[location] as readonly number[];
  if (here.length === 0) return found;
  for (let i = 0; i < setWords; i++) {
    let rest = 0;
    for (const r of here) rest |= state[takenAt + r * setWords + i]!;
    for (rest &= state[lyingAt + location * setWords + i]!; rest !== 0; rest &= rest - 1) {
      const o = 32 * i + lowest(rest);
      for (const r of here) if (includes(state, takenAt + r * setWords, o)) found.push(o);
    }
  }
  return found;
};

const held: Listing = ({ state }) => (state[HELD] === 0 ? [] : [state[HELD]! - 1]);

/** Lists by their query, written without types and spaces. */
export const LISTINGS: Readonly<Record<string, Listing>> = {
  "inreceptacle(o,r)": inside,
  "inreceptacleobject(o2,o)": ({ house }, { o }) => house.within[o] as readonly number[],
  "holds(a,o)": held,
  "atlocation(a,l)&receptacleatlocation(r,l)": receptaclesHere,
  "receptacleatlocation(r,l)": receptacles,
  "atlocation(a,l)&objectatlocation(o,l)&receptacleatlocation(r,l)&not_inreceptacle(o,r)":
    movedHere,
};

/** What each variable of a query is; a grammar may say so or leave it out. */
const SORTS: Readonly<Record<string, string>> = {
  ...{ a: "agent", r: "receptacle", o: "object", o2: "object", co: "object", ko: "object" },
  ...{ l: "location", lend: "location" },
};

/**
 * A query without types and spaces: "openable(r:receptacle) & …" → "openable(r)&…". A type that is not the
 * variable's stays, and no known query has one.
 */
export function plainQuery(query: string): string {
  const typed = query.replace(/\b(\w+)\s*:\s*(\w+)/g, (all, variable: string, sort: string) =>
    Object.hasOwn(SORTS, variable) && SORTS[variable] === sort ? variable : all,
  );
  return typed.replace(/\s+/g, "");
}

/** The condition a query stands for; undefined for one that is not known. */
export function conditionOf(query: string): Holds | undefined {
  const plain = plainQuery(query);
  const listing = Object.hasOwn(LISTINGS, plain) ? LISTINGS[plain] : undefined;
  if (listing !== undefined) return (view, bound) => listing(view, bound).length > 0;
  const atoms = plain.split("&").map(atomOf);
  if (!atoms.every((atom) => atom !== undefined)) return undefined;
  return (view, bound) => atoms.every((atom) => atom(view, bound));
}

function atomOf(atom: string): Holds | undefined {
  const [, predicate = "", variable = ""] = /^(\w+)\((\w+)\)$/.exec(atom) ?? [];
  if (atom === "holdsany(a)") return ({ state }) => state[HELD] !== 0;
  if (variable === "r") {
    if (predicate === "openable") return ({ house }, { r }) => house.openable[r] === true;
    if (predicate !== "opened") return undefined;
    return ({ house, state }, { r }) => includes(state, house.openedAt, r);
  }
  if (variable !== "o") return undefined;
  // Nothing ever says that a lamp is not toggled: such a fact never comes to be.
  if (predicate === "not_istoggled") return () => false;
  if ((CONDITIONS as readonly string[]).includes(predicate)) {
    const name = predicate as Condition;
    return ({ house, state }, { o }) => includes(state, house.conditionAt[name], o);
  }
  if (!(TRAITS as readonly string[]).includes(predicate)) return undefined;
  return ({ house }, { o }) => includes(house.traits[predicate]!, 0, o);
}
