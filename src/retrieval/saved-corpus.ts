/**
 * A corpus with its index in a directory: `index.bm25`, mapped when it is opened, `passages.jsonl`, read passage by
 * passage, and `corpus.json`, which says what they were made of.
 */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { readText, unreadable, writeFailure } from "../core/text-file.ts";
import { validate } from "../core/validate.ts";
import { Bm25Retriever } from "./bm25-retriever.ts";
import { IndexBuilder, type IndexProgress } from "./build-index.ts";
import { fileFingerprint } from "./fingerprint.ts";
import { openIndex, saveIndex } from "./index-file.ts";
import { FileStore, StoreWriter } from "./passage-store.ts";
import type { Passage } from "./retriever.ts";
import type { IndexOptions } from "./search-index.ts";

const INDEX = "index.bm25";
const PASSAGES = "passages.jsonl";
const ORIGIN = "corpus.json";

const Origin = z.object({
  passages: z.int().min(0),
  /** Name, size and content of each file, and which of its passages were taken. */
  files: z.array(z.object({ name: z.string(), bytes: z.number(), fingerprint: z.string() })),
  subset: z.string(),
});

/** What an index is made of. */
export interface CorpusOrigin {
  readonly files: readonly string[];
  /** Which of the files' passages, or which passages without a file; in words. */
  readonly subset: string;
}

/** Progress is reported this often, and the file is given time to keep up. */
const FLUSH_EVERY = 4096;

export function isSaved(directory: string): boolean {
  return existsSync(join(directory, ORIGIN));
}

/**
 * Builds an index over passages and leaves it in a directory; `corpus.json` comes last.
 * @throws UserError for what cannot be written
 */
export async function buildSaved(
  directory: string,
  passages: AsyncIterable<Passage>,
  { files, subset }: CorpusOrigin,
  options: Partial<IndexOptions> = {},
  onProgress: IndexProgress = () => {},
): Promise<Bm25Retriever> {
  const builder = new IndexBuilder(options);
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw writeFailure(directory, error);
  }
  const writer = new StoreWriter(join(directory, PASSAGES));
  try {
    for await (const passage of passages) {
      builder.add(passage.contents);
      writer.add(passage);
      if (builder.documentCount % FLUSH_EVERY === 0) await writer.flush();
      onProgress(builder.documentCount);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon().catch(() => {});
    throw writeFailure(directory, error);
  }
  const index = builder.finish();
  await saveIndex(index, join(directory, INDEX));
  const origin = {
    passages: index.documentCount,
    files: await Promise.all(
      files.map(async (path) => ({ ...sized(path), fingerprint: await fileFingerprint(path) })),
    ),
    subset,
  };
  await Bun.write(join(directory, ORIGIN), `${JSON.stringify(origin, null, 1)}\n`);
  return new Bm25Retriever(index, new FileStore(join(directory, PASSAGES)));
}

/**
 * Opens what `buildSaved` left.
 * @param expected what it should have been made of, whose files are read for that; absent: whatever it was made of
 * @throws UserError when files are missing or damaged, or made of something else
 */
export async function openSaved(
  directory: string,
  expected?: CorpusOrigin,
): Promise<Bm25Retriever> {
  const path = join(directory, ORIGIN);
  const origin = validate(Origin, parseJson(readText(path), path), path);
  if (expected) await checkOrigin(path, origin, expected);
  const index = openIndex(join(directory, INDEX));
  const passages = new FileStore(join(directory, PASSAGES));
  if (index.documentCount !== origin.passages || passages.count !== origin.passages) {
    throw new UserError(
      `${directory}: ${origin.passages} passages, of which ${index.documentCount} are indexed and ${passages.count} stored`,
      "build the index again",
    );
  }
  return new Bm25Retriever(index, passages);
}

async function checkOrigin(
  path: string,
  origin: z.output<typeof Origin>,
  expected: CorpusOrigin,
): Promise<void> {
  const made = origin.files.map(({ name, bytes }) => ({ name, bytes }));
  const wanted = expected.files.map(sized);
  const hint = "name another directory, or remove this one";
  if (!Bun.deepEquals(made, wanted) || origin.subset !== expected.subset) {
    throw new UserError(
      `${path}: the index was made of ${told(made, origin.subset)}, asked for is ${told(wanted, expected.subset)}`,
      hint,
    );
  }
  for (const [i, file] of expected.files.entries()) {
    if ((await fileFingerprint(file)) === origin.files[i]!.fingerprint) continue;
    throw new UserError(`${path}: the index was made of another ${file} of the same size`, hint);
  }
}

function sized(path: string): { name: string; bytes: number } {
  try {
    return { name: basename(path), bytes: statSync(path).size };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function told(files: readonly { name: string; bytes: number }[], subset: string): string {
  const named = files.map(({ name, bytes }) => `${name} (${bytes} bytes)`);
  return named.join(", ") + (named.length > 0 ? subset : subset.replace(/^; /, ""));
}
