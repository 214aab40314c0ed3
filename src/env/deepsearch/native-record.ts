/** A record of a published question set, as far as all readers of it look at it. */
import { isObject } from "../../core/is-object.ts";

export type Json = Readonly<Record<string, unknown>>;

/** 2WikiMultihopQA's own kinds; the others it shares with HotpotQA. */
const WIKI_TYPES = ["compositional", "inference", "bridge_comparison"];

export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** An answer that a record gives; numbers as they are written, true and false as yes and no. */
export function answerText(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Number.isFinite(value) ? String(value) : textOf(value);
}

/** Answers in a list, or one alone. */
export function answersOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => answerText(one) ?? []);
}

/**
 * The set, where the record tells it.
 * @param set which the file is called after: two sets have one layout
 */
export function sourceOf(row: Json, set?: string): string | undefined {
  const named =
    textOf(row.data_source) ??
    (isObject(row.env_kwargs) ? textOf(row.env_kwargs.data_source) : undefined);
  if (named !== undefined) return named;
  if (Array.isArray(row.paragraphs)) return "musique";
  if (typeof row.qid === "string" && typeof row.answer === "boolean") return "strategyqa";
  if (row.evidences !== undefined || WIKI_TYPES.includes(String(row.type)))
    return "2wikimultihopqa";
  if (row.supporting_facts !== undefined) return set === "2wikimultihopqa" ? set : "hotpotqa";
  if (row.possible_answers !== undefined) return "popqa";
  if (row.QuestionId !== undefined || row.question_id !== undefined) return "triviaqa";
  return undefined;
}
