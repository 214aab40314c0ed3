/**
 * One record of a question set, in the form in which that set is published, as a question: ours and FlashRAG's
 * (`golden_answers`), Search-R1's, SkyRL's, verl-agent's and DeepResearcher's rows, NQ, TriviaQA, PopQA,
 * HotpotQA, 2WikiMultihopQA, MuSiQue, Bamboogle, StrategyQA.
 */

import { UserError } from "../../core/errors.ts";
import { isObject } from "../../core/is-object.ts";
import type { Passage } from "../../retrieval/retriever.ts";
import { contextOf, stepsOf } from "./native-context.ts";
import { type Json, sourceOf, stringsOf, textOf } from "./native-record.ts";
import type { Question } from "./question.ts";

/** A question, and the passages that came with it. */
export interface QuestionRecord {
  readonly question: Question;
  readonly passages: readonly Passage[];
}

/** Between the alternatives of DeepResearcher's answers. */
const ANSWER_SPLIT = "<|answer_split|>";
/**
 * @param where file and line, to begin an error with
 * @param fallback what the record may not say: the set it is from, and its id
 * @returns nothing for a question that its set marks as unanswerable
 * @throws UserError for a record without a question or an answer
 */
export function readQuestion(
  value: unknown,
  where: string,
  fallback: { readonly source: string; readonly id: string },
): QuestionRecord | undefined {
  if (!isObject(value)) throw new UserError(`${where}: found ${shown(value)}, allowed: an object`);
  if (value.answerable === false) return undefined;
  const text = questionText(value);
  if (text === undefined) {
    throw new UserError(`${where}: question: found nothing, allowed: a text`);
  }
  const accepted = [...new Set(acceptedAnswers(value).map((answer) => answer.trim()))].filter(
    (answer) => answer !== "",
  );
  if (accepted.length === 0) {
    throw new UserError(`${where}: no answer (looked for golden_answers, answer and others)`);
  }
  const { passages, supporting } = contextOf(value);
  const own = stringsOf(value.supporting_ids).map((id) => [id]);
  return {
    passages,
    question: {
      id: idOf(value) ?? fallback.id,
      source: sourceOf(value) ?? fallback.source,
      question: text,
      accepted,
      supporting: own.length > 0 ? own : supporting.map((id) => [id]),
      answerPassages: stringsOf(value.answer_ids),
      steps: stepsOf(value, passages),
    },
  };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 40);
}

function idOf({ id, _id, qid, QuestionId, extra_info, data_source }: Json): string | undefined {
  for (const one of [id, _id, qid, QuestionId]) {
    if (typeof one === "string" || typeof one === "number") return String(one);
  }
  const index = isObject(extra_info) ? extra_info.index : undefined;
  return index === undefined ? undefined : `${data_source ?? "row"}-${index}`;
}

function questionText(row: Json): string | undefined {
  const inner = [row, row.env_kwargs, row.extra_info].filter(isObject);
  for (const one of inner) {
    const text = textOf(one.question) ?? textOf(one.Question);
    if (text !== undefined) return text;
  }
  // Rows made for a trainer may hold it only in the prompt.
  const message = Array.isArray(row.prompt) ? row.prompt.findLast(isObject) : undefined;
  const content = textOf(message?.content);
  const at = content?.lastIndexOf("Question:") ?? -1;
  return content === undefined || at < 0
    ? undefined
    : textOf(content.slice(at + "Question:".length));
}

function acceptedAnswers(row: Json): string[] {
  if (Array.isArray(row.golden_answers)) return stringsOf(row.golden_answers);
  const rewarded = [row.reward_model, row.reward_spec, row.env_kwargs].find(isObject)?.ground_truth;
  if (rewarded !== undefined) return targetsOf(rewarded);
  if (typeof row.possible_answers === "string") return jsonStrings(row.possible_answers);
  const answer = row.answer ?? row.Answer;
  if (typeof answer === "boolean") return [answer ? "yes" : "no"];
  if (typeof answer === "number") return [String(answer)];
  if (Array.isArray(answer)) return stringsOf(answer);
  if (isObject(answer)) return [...stringsOf([answer.Value]), ...stringsOf(answer.Aliases)];
  if (typeof answer === "string") return [answer, ...stringsOf(row.answer_aliases)];
  return [];
}

function targetsOf(truth: unknown): string[] {
  if (typeof truth === "string") return truth.split(ANSWER_SPLIT);
  if (Array.isArray(truth)) return stringsOf(truth);
  if (!isObject(truth)) return [];
  return typeof truth.target === "string" ? [truth.target] : stringsOf(truth.target);
}

function jsonStrings(text: string): string[] {
  try {
    return stringsOf(JSON.parse(text));
  } catch {
    return [];
  }
}
