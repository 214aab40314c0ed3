/**
 * Questions over the generated world: chains of one to four facts, comparisons of two things and things given by
 * two facts, both followed by a chain of two. Every answer is checked against the whole world: it is the only
 * one, and it stands in the passage of the last thing before it, not in the question.
 */
import type { Random } from "../../../core/random.ts";
import type { Entity } from "./graph.ts";
import { COMPARISONS, INTERSECTIONS, RELATIONS, type Relation } from "./relations.ts";

export const KINDS = ["1hop", "2hop", "3hop", "4hop", "comparison", "intersection"] as const;
export type Kind = (typeof KINDS)[number];

/** A question before its passages have ids. */
export interface Draft {
  readonly kind: Kind;
  readonly question: string;
  readonly answer: string;
  /** Things whose passages state the chain, in its order. */
  readonly chain: readonly Entity[];
  /** For each of them a query that finds it, once those before it have been read. */
  readonly queries: readonly string[];
  /** For each of them what is learned from it: the next one's name, a year, the answer. */
  readonly learned: readonly string[];
}

/** All things, by what questions need of them. */
export class World {
  readonly entities: readonly Entity[];
  readonly byName: ReadonlyMap<string, Entity>;
  /** relation and object → things. */
  readonly #subjects = new Map<string, Entity[]>();

  constructor(entities: readonly Entity[]) {
    this.entities = entities;
    this.byName = new Map(entities.map((entity) => [entity.name, entity]));
    for (const entity of entities) {
      for (const [relation, object] of entity.facts) {
        const key = `${relation} ${object}`;
        const known = this.#subjects.get(key);
        if (known) known.push(entity);
        else this.#subjects.set(key, [entity]);
      }
    }
  }

  /** Everything of which a relation to an object is true. */
  subjectsOf(relation: string, object: string): readonly Entity[] {
    return this.#subjects.get(`${relation} ${object}`) ?? [];
  }
}

/** A start of a chain: things, how they are called in the question, and which one it goes on from. */
interface Head {
  readonly phrase: string;
  readonly entity: Entity;
  /** Finds the thing's passage, where its name is not known. */
  readonly query?: string;
  readonly chain: readonly Entity[];
  readonly queries: readonly string[];
  readonly learned: readonly string[];
}

const MOST_ATTEMPTS = 200;

/** A question of a kind over `own` things, different from those in `taken`, to which it is added. */
export function drawQuestion(
  random: Random,
  world: World,
  own: readonly Entity[],
  kind: Kind,
  taken: Set<string>,
): Draft | undefined {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const head = headOf(random, world, own, kind);
    const hops = kind.endsWith("hop") ? Number(kind[0]) : 2;
    const draft = head && follow(random, world, head, hops, kind);
    if (!draft || taken.has(draft.question)) continue;
    taken.add(draft.question);
    return draft;
  }
  return undefined;
}

function headOf(
  random: Random,
  world: World,
  own: readonly Entity[],
  kind: Kind,
): Head | undefined {
  if (kind === "comparison") return comparison(random, own);
  if (kind === "intersection") return intersection(random, world, own);
  const entity = random.sample(own, 1)[0]!;
  return { phrase: entity.name, entity, chain: [], queries: [], learned: [] };
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
  return {
    phrase,
    entity,
    // The one that the chain goes on from is its last here and gets no second passage.
    chain: [other],
    queries: [queryOf(other)],
    learned: [other.facts.get(relation)!],
  };
}

function intersection(random: Random, world: World, own: readonly Entity[]): Head | undefined {
  const { of, relations, phrase } = random.sample(INTERSECTIONS, 1)[0]!;
  const entity = random.sample(
    own.filter(({ type }) => type === of),
    1,
  )[0]!;
  const [first, second] = relations.map((relation) => entity.facts.get(relation));
  if (first === undefined || second === undefined) return undefined;
  const fitting = world
    .subjectsOf(relations[0], first)
    .filter(({ type, facts }) => type === of && facts.get(relations[1]) === second);
  if (fitting.length !== 1) return undefined;
  return {
    phrase: phrase.replace(/\bO\b/, first).replace(/\bP\b/, second),
    entity,
    query: `${first} ${second}`,
    ...{ chain: [], queries: [], learned: [] },
  };
}

/** Goes on from a head by so many relations; nothing where one is missing or the way crosses itself. */
function follow(
  random: Random,
  world: World,
  head: Head,
  hops: number,
  kind: Kind,
): Draft | undefined {
  const chain = [...head.chain];
  const queries = [...head.queries];
  const learned = [...head.learned];
  let { phrase } = head;
  let entity: Entity | undefined = head.entity;
  for (let hop = 1; hop <= hops; hop++) {
    if (!entity || chain.includes(entity)) return undefined;
    const isLast = hop === hops;
    const possible = possibleRelations(entity, isLast, phrase);
    const relation: Relation | undefined = random.sample(possible, 1)[0];
    if (!relation) return undefined;
    const object = entity.facts.get(relation.name)!;
    chain.push(entity);
    queries.push((hop === 1 ? head.query : undefined) ?? queryOf(entity));
    learned.push(object);
    if (isLast) {
      // A name in the question would give the answer away.
      if (phrase.includes(object) || !isAnswer(world, object, relation)) return undefined;
      const question = relation.question.replace(/\bX\b/, phrase);
      return { kind, question, answer: object, chain, queries, learned };
    }
    phrase = relation.phrase.replace(/\bX\b/, phrase);
    entity = world.byName.get(object);
  }
  return undefined;
}

/** Ways on from a thing; a word that many things share is no answer. */
function possibleRelations(entity: Entity, isLast: boolean, phrase: string): Relation[] {
  return RELATIONS.filter(({ name, of, to }) => {
    if (of !== entity.type || !entity.facts.has(name)) return false;
    if (to === "word") return false;
    return isLast || (to !== "year" && !phrase.includes(entity.facts.get(name)!));
  });
}

/** One answer in the whole world: years stand for themselves, names name one thing. */
function isAnswer(world: World, object: string, { to }: Relation): boolean {
  return to === "year" || world.byName.get(object)?.type === to;
}

/** A query that finds a thing's passage. */
function queryOf({ name, type }: Entity): string {
  return type === "person" || name.toLowerCase().includes(type) ? name : `${name} ${type}`;
}
