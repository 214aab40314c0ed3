/**
 * The generated world in writing: one passage for each thing, with all that is true of it, in 40 to 120 words.
 * Sentences about nothing and about other things stand between. The passage of a thing mentions some of those
 * that lead to it, as real ones do, so that one search at times finds two passages of a chain.
 */
import { randomFrom, seedFor } from "../../../core/random.ts";
import { contentsOf, type Passage } from "../../../retrieval/retriever.ts";
import type { Entity } from "./graph.ts";
import { FILLER, FIRST_SENTENCES, MENTIONS, NAMED } from "./prose.ts";
import { RELATIONS } from "./relations.ts";

const FEWEST_WORDS = 45;
const MOST_WORDS = 118;

/** Calibrated on the share of questions whose passages one search finds; see the test of that name. */
const MOST_MENTIONS = 3;
/** The share of things that some passage mentions for no reason. */
const MENTIONED_ELSEWHERE = 0.4;

export interface WritingOptions {
  readonly seed: number;
  /** A second passage for each thing, in other words. */
  readonly duplicates: boolean;
}

/** Ids of the passages that state what is true of a thing. */
export function passageIds({ number }: Entity, { duplicates }: WritingOptions): string[] {
  return duplicates ? [`${number}`, `${number}b`] : [`${number}`];
}

/** Passages of all things in their order. */
export function writePassages(entities: readonly Entity[], options: WritingOptions): Passage[] {
  const mentions = drawMentions(entities, options.seed);
  return entities.flatMap((entity) =>
    passageIds(entity, options).map((id, version) => ({
      id,
      contents: contentsOf(
        entity.name,
        write(entity, mentions.get(entity.number) ?? [], options.seed, version),
      ),
    })),
  );
}

/** Thing → names of others that its passage mentions. */
function drawMentions(entities: readonly Entity[], seed: number): Map<number, string[]> {
  const byName = new Map(entities.map((entity) => [entity.name, entity]));
  const random = randomFrom(seedFor(seed, "mentions"));
  const mentions = new Map<number, string[]>();
  const mention = (where: Entity, name: string) => {
    const known = mentions.get(where.number) ?? [];
    if (known.length < MOST_MENTIONS && name !== where.name && !known.includes(name))
      known.push(name);
    mentions.set(where.number, known);
  };
  for (const entity of random.shuffle(entities)) {
    for (const object of entity.facts.values()) {
      const other = byName.get(object);
      if (other) mention(other, entity.name);
    }
  }
  for (const entity of entities) {
    if (random.uniform() >= MENTIONED_ELSEWHERE) continue;
    mention(random.sample(entities, 1)[0]!, entity.name);
  }
  return mentions;
}

function write(
  entity: Entity,
  mentioned: readonly string[],
  seed: number,
  version: number,
): string {
  const random = randomFrom(seedFor(seed, "passage", entity.number, version));
  const facts = [...entity.facts].map(([name, object]) => {
    const { sentences } = RELATIONS.find((relation) => relation.name === name)!;
    const chosen = version === 0 ? random.integer(sentences.length) : sentences.length - 1;
    return sentences[chosen]!.replace(/\bO\b/, object);
  });
  const asides = mentioned.map((name) => random.sample(MENTIONS, 1)[0]!.replace(/\bO\b/, name));
  const named = random.sample(NAMED, 2).map((sentence) => sentence.replace(/\bN\b/, entity.name));
  const sentences = [...facts, ...asides, ...named];
  const filler = random.shuffle(FILLER[entity.type === "person" ? "person" : "other"]);
  const words = () => [first, ...sentences].join(" ").split(" ").length;
  const first = FIRST_SENTENCES[entity.type].replace(/\bN\b/, entity.name);
  const wanted = FEWEST_WORDS + random.integer(30);
  while (words() < wanted && filler.length > 0) sentences.push(filler.pop()!);
  while (words() > MOST_WORDS && asides.length > 0) {
    sentences.splice(sentences.indexOf(asides.pop()!), 1);
  }
  return [first, ...random.shuffle(sentences)].join(" ");
}
