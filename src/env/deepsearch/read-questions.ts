/** Questions from files: JSON Lines, a JSON list (or TriviaQA's `Data`), CSV and TSV; `.gz` and `.zst` as well. */
import { basename } from "node:path";
import { UserError } from "../../core/errors.ts";
import { parseJson } from "../../core/json-text.ts";
import { readLines } from "../../retrieval/line-stream.ts";
import { readTable } from "./csv.ts";
import { type QuestionRecord, readQuestion } from "./native-questions.ts";

/** Sets by what their files are usually called. */
const SETS: readonly (readonly [RegExp, string])[] = [
  [/2wiki/, "2wikimultihopqa"],
  [/hotpot/, "hotpotqa"],
  [/musique/, "musique"],
  [/bamboogle/, "bamboogle"],
  [/strategy/, "strategyqa"],
  [/trivia/, "triviaqa"],
  [/popqa/, "popqa"],
  [/\bnq|natural/, "nq"],
];

/** How Search-R1's files become readable. */
export const PARQUET_HINT =
  "convert it: python -c \"import pandas; pandas.read_parquet('train.parquet').to_json('train.jsonl', orient='records', lines=True)\"";

/** What a file is called without its endings. */
function stem(path: string): string {
  return basename(path).replace(/(\.(jsonl|json|csv|tsv))?(\.(gz|zst))?$/, "");
}

/**
 * The questions of a file in their order; unanswerable ones are left out.
 * @throws UserError naming file and line (of a JSON list: the record) for what is no question
 */
export async function* readQuestions(path: string): AsyncGenerator<QuestionRecord> {
  const name = path.toLowerCase();
  const source = SETS.find(([pattern]) => pattern.test(name))?.[1] ?? stem(path);
  let number = 0;
  for await (const { value, where } of records(path)) {
    // An id by place, the same wherever the file lies.
    const id = `${stem(path)}-${++number}`;
    const record = readQuestion(value, where, { source, id });
    if (record) yield record;
  }
}

async function* records(path: string): AsyncGenerator<{ value: unknown; where: string }> {
  if (path.endsWith(".parquet")) throw new UserError(`${path}: parquet is not read`, PARQUET_HINT);
  if (/\.jsonl(\.gz|\.zst)?$/.test(path)) {
    for await (const { text, where } of readLines(path))
      yield { value: parsed(text, where), where };
    return;
  }
  const table = /\.(csv|tsv)(\.gz|\.zst)?$/.exec(path)?.[1];
  if (table !== undefined) {
    const rows = readTable(await wholeText(path), table === "csv" ? "," : "\t", path);
    for (const { fields, line } of rows) yield { value: fields, where: `${path}:${line}` };
    return;
  }
  const content = parseJson(await wholeText(path), path);
  const data = (content as { Data?: unknown } | null)?.Data;
  const list = Array.isArray(content) ? content : data;
  if (!Array.isArray(list)) throw new UserError(`${path}: expected a list of questions`);
  for (const [i, value] of list.entries()) yield { value, where: `${path}: record ${i + 1}` };
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${where}: not JSON`, "a .jsonl file has one question a line");
  }
}

/** Blank lines are left out, except that the ones after them keep their numbers. */
async function wholeText(path: string): Promise<string> {
  let text = "";
  let line = 1;
  for await (const { text: next, where } of readLines(path)) {
    const number = Number(where.slice(where.lastIndexOf(":") + 1));
    text += `${"\n".repeat(number - line)}${next}`;
    line = number;
  }
  return text;
}
