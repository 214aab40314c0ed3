/** A corpus as a retriever: read and indexed, with its progress told, or opened from where it was saved. */

import { UserError } from "../core/errors.ts";
import { formatBytes, formatCount, formatDuration } from "../core/format.ts";
import { readText } from "../core/text-file.ts";
import { Bm25Retriever } from "./bm25-retriever.ts";
import type { IndexProgress } from "./build-index.ts";
import { passagesFingerprint } from "./fingerprint.ts";
import type { Ranking } from "./ranking.ts";
import { readCorpus } from "./read-corpus.ts";
import type { Passage } from "./retriever.ts";
import { buildSaved, type CorpusOrigin, isSaved, openSaved } from "./saved-corpus.ts";
import { type Subset, subsetText, takeSubset } from "./subset.ts";

export interface CorpusOptions {
  readonly limit?: number | undefined;
  readonly sample?: number | undefined;
  /** Files with an id or a title a line. */
  readonly idsFile?: string | undefined;
  readonly titlesFile?: string | undefined;
  /** A directory: the index is opened from there where it is, else left there. */
  readonly saved?: string | undefined;
  readonly ranking: Pick<Ranking, "k1" | "b">;
}

type Source = { readonly files: readonly string[] } | { readonly passages: readonly Passage[] };

/**
 * @param note takes a line now and then while an index is built, and one when it is done
 * @throws UserError for what cannot be read, or an index of something else
 */
export async function openCorpus(
  source: Source,
  { saved, ranking, idsFile, titlesFile, ...counts }: CorpusOptions,
  note: (line: string) => void,
): Promise<Bm25Retriever> {
  const subset: Subset = { ...counts, ids: lines(idsFile), titles: lines(titlesFile) };
  const origin = {
    files: "files" in source ? source.files : [],
    subset: subsetText(subset) + ("files" in source ? "" : paragraphsText(source.passages)),
  };
  if (saved !== undefined && isSaved(saved)) {
    const { index, passages } = await openSaved(saved, origin);
    return requirePassages(new Bm25Retriever(index.withRanking(ranking), passages), origin);
  }
  const all = "files" in source ? readCorpus(source.files) : stream(source.passages);
  const chosen = subsetText(subset) === "" ? all : takeSubset(all, subset);
  const began = performance.now();
  const progress = progressReporter(note);
  const built =
    saved === undefined
      ? await Bm25Retriever.from(chosen, ranking, progress)
      : await buildSaved(saved, chosen, origin, ranking, progress);
  const { documentCount, arrays } = built.index;
  const bytes = Object.values(arrays).reduce((sum, array) => sum + array.byteLength, 0);
  note(
    `indexed ${formatCount(documentCount)} passages in ${formatDuration(performance.now() - began)}` +
      ` (${formatBytes(bytes)})${saved === undefined ? "" : `, kept in ${saved}`}`,
  );
  return requirePassages(built, origin);
}

function requirePassages(retriever: Bm25Retriever, { files, subset }: CorpusOrigin): Bm25Retriever {
  if (retriever.index.documentCount > 0) return retriever;
  const where = files.length > 0 ? files.join(", ") : "the paragraphs";
  throw new UserError(`${where}: no passage to search in${subset}`);
}

/** What passages are known by that come from no file. */
function paragraphsText(passages: readonly Passage[]): string {
  return `; ${passages.length} paragraphs (${passagesFingerprint(passages)})`;
}

async function* stream(passages: readonly Passage[]): AsyncGenerator<Passage> {
  yield* passages;
}

function lines(path: string | undefined): ReadonlySet<string> | undefined {
  if (path === undefined) return undefined;
  return new Set(
    readText(path)
      .split(/\r?\n/)
      .filter((line) => line !== ""),
  );
}

const REPORT_EVERY_MS = 2000;

/** Tells how far an index is, not more often than a person reads. */
export function progressReporter(note: (line: string) => void): IndexProgress {
  const began = performance.now();
  let last = began;
  return (documents) => {
    // Asking for the time has a price, too.
    if (documents % 1000 !== 0) return;
    const now = performance.now();
    if (now - last < REPORT_EVERY_MS) return;
    last = now;
    const rate = documents / ((now - began) / 1000);
    note(`indexing: ${formatCount(documents)} passages, ${formatCount(rate)} a second`);
  };
}
