/** What questions start from: a thing by its name, one of two that are compared, or one given by two facts. */
import type { Random } from "../../../core/random.ts";
import type { Entity } from "./graph.ts";
import { COMPARISONS, INTERSECTIONS } from "./relations.ts";
import type { Things } from "./things.ts";

export const KINDS = ["1hop", "2hop", "3hop", "4hop", "comparison", "intersection"] as const;
export type Kind = (typeof KINDS)[number];

/** One thing of a chain: how to find it, what is learned from it, and what is then thought. */
export interface Link {
  readonly entity: Entity;
  readonly query: string;
  readonly learned: string;
  readonly thought: string;
}

/** A start of a chain: how it is called in the question, and which thing it goes on from. */
export interface Head {
  readonly phrase: string;
  readonly entity: Entity;
  /** Finds the thing's passage, where its name is not known. */
  readonly query?: string;
  /** The other thing of two that are compared, and whether the question names it first. */
  readonly compared?: { readonly link: Link; readonly isFirst: boolean; readonly mark: string };
}

export function headOf(
  random: Random,
  things: Things,
  own: readonly Entity[],
  kind: Kind,
): Head | undefined {
  if (kind === "comparison") return comparison(random, own);
  if (kind === "intersection") return intersection(random, things, own);
  const entity = random.sample(own, 1)[0]!;
  return { phrase: entity.name, entity };
}

function comparison(random: Random, own: readonly Entity[]): Head | undefined {
  const { relation, earlier, later } = random.sample(COMPARISONS, 1)[0]!;
  const [a, b] = random.sample(
    own.filter(({ facts }) => facts.has(relation)),
    2,
  );
  const years = [a, b].map((one) => Number(one?.facts.get(relation)));
  if (!a || !b || years[0] === years[1]) return undefined;
  const takesEarlier = random.uniform() < 0.5;
  const entity = years[0]! < years[1]! === takesEarlier ? a : b;
  const other = entity === a ? b : a;
  const phrase = (takesEarlier ? earlier : later).replace("A", a.name).replace(/\bB\b/, b.name);
  const mark = `${takesEarlier ? "earlier" : "later"} ${entity.name}`;
  const link = {
    ...{ entity: other, query: queryOf(other), learned: other.facts.get(relation)!, thought: "" },
  };
  return { phrase, entity, compared: { link, isFirst: other === a, mark } };
}

function intersection(random: Random, things: Things, own: readonly Entity[]): Head | undefined {
  const { of, relations, phrase } = random.sample(INTERSECTIONS, 1)[0]!;
  const entity = random.sample(
    own.filter(({ type }) => type === of),
    1,
  )[0]!;
  const [first, second] = relations.map((relation) => entity.facts.get(relation));
  if (first === undefined || second === undefined) return undefined;
  const fitting = things
    .subjectsOf(relations[0], first)
    .filter(({ type, facts }) => type === of && facts.get(relations[1]) === second);
  if (fitting.length !== 1) return undefined;
  return {
    phrase: phrase.replace(/\bO\b/, first).replace(/\bP\b/, second),
    entity,
    query: `${first} ${second}`,
  };
}

/** A query that finds a thing's passage. */
export function queryOf({ name, type }: Entity): string {
  return type === "person" || name.toLowerCase().includes(type) ? name : `${name} ${type}`;
}
