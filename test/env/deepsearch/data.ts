import { existsSync } from "node:fs";
import { join } from "node:path";

/** The real questions and passages, beside the repository; tests that need them skip without. */
export const DATA = join(import.meta.dir, "../../../../shared/data/deepsearch");
export const HAS_DATA = existsSync(join(DATA, "qa.jsonl.gz"));

if (!HAS_DATA) console.log(`skipping tests on real multi-hop questions: no ${DATA}`);

export interface GoldenScore {
  readonly prediction: string;
  readonly golden_answers: readonly string[];
  readonly normalized_prediction: string;
  readonly em: number;
  readonly subem: number;
  readonly f1: number;
}

export async function goldenScores(): Promise<readonly GoldenScore[]> {
  return await Bun.file(join(DATA, "scoring-golden.json")).json();
}

/** A question of qa.jsonl.gz, as far as tests read it. */
export interface RawQuestion {
  readonly id: string;
  readonly data_source: string;
  readonly question: string;
  readonly supervision: string;
  readonly supporting_ids: readonly string[];
  readonly answer_ids: readonly string[];
  readonly decomposition?: readonly { question: string; answer: string; support_id: string }[];
}

export async function rawQuestions(): Promise<readonly RawQuestion[]> {
  const bytes = Bun.gunzipSync(await Bun.file(join(DATA, "qa.jsonl.gz")).bytes());
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}
