/** Parts of a corpus that is too large: the first so many, a random sample, given ids, given titles. */

import { randomFrom, seedFor } from "../core/random.ts";
import { type Passage, titleAndText } from "./retriever.ts";

export interface Subset {
  /** The first so many passages. */
  readonly limit?: number | undefined;
  /** So many passages, every one of them as likely. */
  readonly sample?: number | undefined;
  /** Passages with these ids or titles, whatever else is taken. */
  readonly ids?: ReadonlySet<string> | undefined;
  readonly titles?: ReadonlySet<string> | undefined;
}

/** The subset in words, empty for all; part of what a saved index is known by. */
export function subsetText({ limit, sample, ids, titles }: Subset): string {
  const parts = [
    ...(limit === undefined ? [] : [`limit ${limit}`]),
    ...(sample === undefined ? [] : [`sample ${sample}`]),
    ...(ids === undefined ? [] : [`${ids.size} ids ${listHash(ids)}`]),
    ...(titles === undefined ? [] : [`${titles.size} titles ${listHash(titles)}`]),
  ];
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

function listHash(names: ReadonlySet<string>): string {
  return Bun.hash.xxHash64([...names].join("\n")).toString(16);
}

/** The passages of a subset, in the order of the corpus; a sample is held in memory. */
export async function* takeSubset(
  passages: AsyncIterable<Passage>,
  { limit, sample, ids, titles }: Subset,
): AsyncGenerator<Passage> {
  const isNamed = ({ id, contents }: Passage) =>
    (ids?.has(id) ?? false) || (titles?.has(titleAndText(contents).title) ?? false);
  const onlyNamed = limit === undefined && sample === undefined && (ids ?? titles) !== undefined;
  const random = randomFrom(seedFor(0, "corpus-sample"));
  const kept: { place: number; passage: Passage }[] = [];
  const reservoir: { place: number; passage: Passage }[] = [];
  let place = 0;
  for await (const passage of passages) {
    const entry = { place: place++, passage };
    const named = isNamed(passage);
    // Only a list of names can have something for us behind the limit.
    if (limit !== undefined && entry.place >= limit && !named) {
      if (ids === undefined && titles === undefined) break;
    } else if (named) {
      if (sample === undefined) yield passage;
      else kept.push(entry);
    } else if (sample !== undefined) {
      if (reservoir.length < sample) reservoir.push(entry);
      else {
        const slot = random.integer(entry.place + 1);
        if (slot < sample) reservoir[slot] = entry;
      }
    } else if (!onlyNamed) yield passage;
  }
  if (sample === undefined) return;
  for (const entry of [...kept, ...reservoir].sort((a, b) => a.place - b.place)) {
    yield entry.passage;
  }
}
