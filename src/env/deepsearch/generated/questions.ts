/**
 * Questions over the generated world: chains of one to four facts, comparisons of two things and things given by
 * two facts, both followed by a chain of two. Every answer is checked against the whole world: it is the only
 * one, and it stands in the passage of the last thing before it, not in the question.
 */
import type { Random } from "../../../core/random.ts";
import type { Entity } from "./graph.ts";
import { type Head, headOf, type Kind, type Link, queryOf } from "./heads.ts";
import { RELATIONS, type Relation } from "./relations.ts";
import type { Things } from "./things.ts";

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
  /** For each of them the thought with which the next one is looked for, in the compact format's words. */
  readonly thoughts: readonly string[];
}

const MOST_ATTEMPTS = 200;

/** A question of a kind over `own` things, different from those in `taken`, to which it is added. */
export function drawQuestion(
  random: Random,
  things: Things,
  own: readonly Entity[],
  kind: Kind,
  taken: Set<string>,
): Draft | undefined {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const head = headOf(random, things, own, kind);
    const hops = kind.endsWith("hop") ? Number(kind[0]) : 2;
    const draft = head && follow(random, things, head, hops, kind);
    if (!draft || taken.has(draft.question)) continue;
    taken.add(draft.question);
    return draft;
  }
  return undefined;
}

/** Goes on from a head by so many relations; nothing where one is missing or the way crosses itself. */
function follow(
  random: Random,
  things: Things,
  head: Head,
  hops: number,
  kind: Kind,
): Draft | undefined {
  const { compared } = head;
  const links: Link[] = [];
  let { phrase } = head;
  let entity: Entity | undefined = head.entity;
  for (let hop = 1; hop <= hops; hop++) {
    const current: Entity | undefined = entity;
    const passed = [...links, ...(compared ? [compared.link] : [])];
    if (!current || passed.some((link) => link.entity === current)) return undefined;
    const isLast = hop === hops;
    const possible = possibleRelations(current, isLast, phrase);
    const relation: Relation | undefined = random.sample(possible, 1)[0];
    if (!relation) return undefined;
    const object = current.facts.get(relation.name)!;
    const fact = `${relation.name} ${object}`;
    links.push({
      entity: current,
      query: (hop === 1 ? head.query : undefined) ?? queryOf(current),
      learned: object,
      thought: hop === 1 && compared ? `${compared.mark} , ${fact}` : fact,
    });
    if (isLast) {
      // A name in the question would give the answer away.
      if (phrase.includes(object) || !isAnswer(things, object, relation)) return undefined;
      const question = relation.question.replace(/\bX\b/, phrase);
      return { kind, question, answer: object, ...chainOf(links, compared) };
    }
    phrase = relation.phrase.replace(/\bX\b/, phrase);
    entity = things.byName.get(object);
  }
  return undefined;
}

/** Two that are compared are looked up in the order in which they are named; what is learned of both is thought last. */
function chainOf([first, ...rest]: readonly Link[], compared: Head["compared"]) {
  const { link, isFirst } = compared ?? {};
  const heads = !link ? [first!] : isFirst ? [link, first!] : [first!, link];
  const all = [...heads, ...rest];
  const thoughts = all.map(({ thought }) => thought);
  if (link && !isFirst) [thoughts[0], thoughts[1]] = [thoughts[1]!, thoughts[0]!];
  return {
    chain: all.map(({ entity }) => entity),
    queries: all.map(({ query }) => query),
    learned: all.map(({ learned }) => learned),
    thoughts,
  };
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
function isAnswer(things: Things, object: string, { to }: Relation): boolean {
  return to === "year" || things.byName.get(object)?.type === to;
}
