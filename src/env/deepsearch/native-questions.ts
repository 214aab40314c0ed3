/**
 * One record of a question set, in the form in which that set is published, as a question: ours and FlashRAG's
 * (`golden_answers`), Search-R1's, SkyRL's, verl-agent's and DeepResearcher's rows, NQ, TriviaQA, PopQA,
 * HotpotQA, 2WikiMultihopQA, MuSiQue, Bamboogle, StrategyQA.
 */

import { UserError } from "../../core/errors.ts";
import { isObject } from "../../core/is-object.ts";
import type { Passage } from "../../retrieval/retriever.ts";
import { contextOf, decompositionOf } from "./native-context.ts";
import { answersOf, type Json, sourceOf, stringsOf, textOf } from "./native-record.ts";
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
  const accepted = [...new Set(acceptedAnswers(value))];
  if (accepted.length === 0) {
    throw new UserError(`${where}: no answer (looked for golden_answers, answer and others)`);
  }
  const { passages, supporting } = contextOf(value, fallback.source);
  const own = stringsOf(value.supporting_ids).map((id) => [id]);
  return {
    passages,
    question: {
      id: idOf(value) ?? fallback.id,
      source: sourceOf(value, fallback.source) ?? fallback.source,
      question: text,
      accepted,
      supporting: own.length > 0 ? own : supporting.map((id) => [id]),
      answerPassages: stringsOf(value.answer_ids),
      steps: decompositionOf(value, passages),
    },
  };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 40);
}

function idOf(row: Json): string | undefined {
  const { extra_info, data_source } = row;
  for (const one of [row.id, row._id, row.qid, row.QuestionId, row.question_id]) {
    if (typeof one === "number" || textOf(one) !== undefined) return String(one);
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

/** The first that has any, of all places where sets keep their answers. */
function acceptedAnswers(row: Json): string[] {
  const answer = row.answer ?? row.Answer;
  const places: (() => string[])[] = [
    () => listed(row.golden_answers),
    ...[row.reward_model, row.reward_spec, row.env_kwargs]
      .filter(isObject)
      .map((one) => () => targetsOf(one.ground_truth)),
    () => listed(row.possible_answers),
    () => [
      ...(isObject(answer) ? namesOf(answer) : answersOf(answer)),
      ...answersOf(row.answer_aliases),
    ],
  ];
  for (const place of places) {
    const found = place();
    if (found.length > 0) return found;
  }
  return [];
}

/** TriviaQA's value and its aliases, as the set itself writes them or in the form of Hugging Face. */
function namesOf(answer: Json): string[] {
  return [answer.Value ?? answer.value, answer.Aliases ?? answer.aliases].flatMap(answersOf);
}

function targetsOf(truth: unknown): string[] {
  if (typeof truth === "string") return answersOf(truth.split(ANSWER_SPLIT));
  return isObject(truth) ? answersOf(truth.target) : answersOf(truth);
}

/** Answers in a list, or one alone; a table has a list as the text of its JSON. */
function listed(value: unknown): string[] {
  if (typeof value !== "string" || !value.trim().startsWith("[")) return answersOf(value);
  try {
    return answersOf(JSON.parse(value));
  } catch {
    return [];
  }
}
