/**
 * Real questions and passages from a directory.
 *
 *   questions   qa, questions or train (cut into train, validation and, unless there are test questions, test; a
 *               file validation, valid or dev is the validation split) · qa-test or test; each .jsonl, .json, .csv
 *               or .tsv. The options questions and test_questions name other files.
 *   corpus      corpus or wiki-18 (.jsonl), or psgs_w100.tsv; without one the paragraphs that came with the
 *               questions. The option corpus names other files, several between commas.
 *
 * All of them may be compressed (.gz, .zst). Paths of options count from the directory.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { unreadable } from "../../core/text-file.ts";
import { openCorpus } from "../../retrieval/open-corpus.ts";
import { type Passage, type Retriever, titleAndText } from "../../retrieval/retriever.ts";
import { titlesOf } from "../../retrieval/titles.ts";
import type { DeepSearchOptions } from "./options.ts";
import type { Question } from "./question.ts";
import { QuestionFiles, withoutOwn } from "./question-files.ts";
import { PARQUET_HINT } from "./read-questions.ts";
import { cutQuestions } from "./splits.ts";

export interface Data {
  readonly questions: ReadonlyMap<string, Question>;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  /** Absent: the caller has one. */
  readonly retriever?: Retriever;
  /** Passages by the ids under which the questions know them, as far as they came without a corpus. */
  readonly own: ReadonlyMap<string, Passage>;
  titleOf(passage: string): string | undefined;
}

const QUESTION_ENDINGS = ["jsonl", "json", "csv", "tsv"];
const CORPORA = ["corpus.jsonl", "wiki-18.jsonl", "psgs_w100.tsv"];
const COMPRESSIONS = ["", ".gz", ".zst"];
const VALIDATION_SHARE = 0.1;
const TEST_SHARE = 0.1;

/**
 * @param searches false: somebody else does, no corpus is opened
 * @throws UserError for what is missing or malformed
 */
export async function openData(
  directory: string,
  options: DeepSearchOptions,
  searches: boolean,
  note: (line: string) => void,
): Promise<Data> {
  try {
    if (!statSync(directory).isDirectory()) throw new UserError(`${directory}: is not a directory`);
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(directory, error);
  }
  const reader = new QuestionFiles();
  const training = await reader.read(
    filesOf(directory, options.questions, ["qa", "questions", "train"]),
  );
  const validation = await reader.read(
    filesOf(directory, undefined, ["validation", "valid", "dev"]),
  );
  const test = await reader.read(filesOf(directory, options.testQuestions, ["qa-test", "test"]));
  if (reader.questions.size === 0) {
    const hasParquet = readdirSync(directory).some((name) => name.endsWith(".parquet"));
    if (hasParquet) throw new UserError(`${directory}: no questions but in parquet`, PARQUET_HINT);
    throw new UserError(
      `${directory}: no questions`,
      "expected qa.jsonl, train.jsonl or test.jsonl (or .json, .csv, .tsv; .gz, .zst), or name files with --option questions=",
    );
  }
  const splits = splitsOf(training, validation, test);
  if (!searches) {
    const titleOf = (id: string) => {
      const passage = reader.passages.get(id);
      return passage && titleAndText(passage.contents).title;
    };
    return { questions: reader.questions, splits, own: reader.passages, titleOf };
  }

  const files = corpusFiles(directory, options.corpus);
  const passages = [...reader.passages.values()];
  if (files.length === 0 && passages.length === 0) {
    throw new UserError(
      `${directory}: no corpus, and the questions come without paragraphs`,
      `expected ${CORPORA.join(", ")} (.gz, .zst), --option corpus=FILE or --option retriever=ADDRESS`,
    );
  }
  const bm25 = await openCorpus(
    files.length > 0 ? { files } : { passages },
    corpusOptions(directory, options),
    note,
  );
  // What questions say about their own paragraphs is about no file of passages.
  const questions = files.length > 0 ? withoutOwn(reader) : reader.questions;
  return {
    ...{ questions, splits, own: reader.passages },
    ...{ retriever: bm25, titleOf: titlesOf(bm25.passages) },
  };
}

/** What of a corpus is taken, where its index is kept, how it ranks. */
function corpusOptions(directory: string, options: DeepSearchOptions) {
  const { corpusLimit, corpusSample, corpusIds, corpusTitles, index, k1, b } = options;
  const file = (given: string | undefined) => given && resolve(directory, given);
  return {
    ...{ limit: corpusLimit, sample: corpusSample, ranking: { k1, b } },
    ...{ idsFile: file(corpusIds), titlesFile: file(corpusTitles), saved: file(index) },
  };
}

/** The files named, or the first that is there under each of the usual names. */
function filesOf(
  directory: string,
  named: readonly string[] | undefined,
  usual: readonly string[],
): string[] {
  if (named) return named.map((name) => resolve(directory, name));
  return usual.flatMap((name) => {
    const names = QUESTION_ENDINGS.map((ending) => `${name}.${ending}`);
    return firstThere(directory, names) ?? [];
  });
}

/** A directory's corpus by the usual names, or the files that are named. */
export function corpusFiles(directory: string, named: readonly string[] | undefined): string[] {
  if (named) return named.map((name) => resolve(directory, name));
  const found = firstThere(directory, CORPORA);
  return found === undefined ? [] : [found];
}

function firstThere(directory: string, names: readonly string[]): string | undefined {
  return names
    .flatMap((name) => COMPRESSIONS.map((compression) => resolve(directory, name + compression)))
    .find((path) => existsSync(path));
}

function splitsOf(
  training: readonly Question[],
  validation: readonly Question[],
  test: readonly Question[],
): Record<string, readonly string[]> {
  const cut = cutQuestions(training, {
    validation: validation.length > 0 ? 0 : VALIDATION_SHARE,
    test: test.length > 0 ? 0 : TEST_SHARE,
  });
  const all = {
    train: cut.train,
    validation: [...cut.validation, ...validation],
    test: [...cut.test, ...test],
  };
  const ids = Object.entries(all).map(([name, list]) => [name, list.map(({ id }) => id)] as const);
  return Object.fromEntries(ids.filter(([, list]) => list.length > 0));
}
