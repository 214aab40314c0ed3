/**
 * One record of a question set, in the form in which that set is published, as a question: ours and FlashRAG's
 * (`golden_answers`), Search-R1's, SkyRL's, verl-agent's and DeepResearcher's rows, NQ, TriviaQA, PopQA,
 * HotpotQA, 2WikiMultihopQA, MuSiQue, Bamboogle, StrategyQA.
 */
import { UserError } from "../../core/errors.ts";
import { contentsOf, type Passage } from "../../retrieval/retriever.ts";
import type { HopStep, Question } from "./question.ts";

/** A question, and the passages that came with it. */
export interface QuestionRecord {
  readonly question: Question;
  readonly passages: readonly Passage[];
}

type Json = Readonly<Record<string, unknown>>;

/** Between the alternatives of DeepResearcher's answers. */
const ANSWER_SPLIT = "<|answer_split|>";
/** 2WikiMultihopQA's own kinds; the others it shares with HotpotQA. */
const WIKI_TYPES = ["compositional", "inference", "bridge_comparison"];

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

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 40);
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
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

/** The set, where the record tells it. */
function sourceOf(row: Json): string | undefined {
  const named =
    textOf(row.data_source) ??
    (isObject(row.env_kwargs) ? textOf(row.env_kwargs.data_source) : undefined);
  if (named !== undefined) return named;
  if (Array.isArray(row.paragraphs)) return "musique";
  if (typeof row.qid === "string" && typeof row.answer === "boolean") return "strategyqa";
  if (row.evidences !== undefined || WIKI_TYPES.includes(String(row.type)))
    return "2wikimultihopqa";
  if (row.supporting_facts !== undefined) return "hotpotqa";
  if (row.possible_answers !== undefined) return "popqa";
  if (row.QuestionId !== undefined) return "triviaqa";
  return undefined;
}

/** Known by what it says, so that one passage of many questions is one. */
function passageOf(title: string, text: string): Passage {
  const contents = contentsOf(title.trim(), text.trim());
  return { id: Bun.hash.xxHash64(contents).toString(16).padStart(16, "0"), contents };
}

/** The paragraphs that come with a question, and which of them its answer needs. */
function contextOf(row: Json): { passages: Passage[]; supporting: string[] } {
  if (Array.isArray(row.paragraphs)) {
    const all = row.paragraphs.filter(isObject).map((one) => ({
      passage: passageOf(String(one.title ?? ""), String(one.paragraph_text ?? "")),
      needed: one.is_supporting === true,
    }));
    return {
      passages: all.map(({ passage }) => passage),
      supporting: all.filter(({ needed }) => needed).map(({ passage }) => passage.id),
    };
  }
  // 2Wiki's sentences come without their spaces, HotpotQA's with them.
  const joint = sourceOf(row) === "2wikimultihopqa" ? " " : "";
  const pages = pairsOf(row.context, "title", "sentences").map(([title, sentences]) => ({
    title,
    passage: passageOf(title, stringsOf(sentences).join(joint)),
  }));
  const needed = new Set(pairsOf(row.supporting_facts, "title", "sent_id").map(([title]) => title));
  return {
    passages: pages.map(({ passage }) => passage),
    supporting: [...needed].flatMap(
      (title) => pages.find((page) => page.title === title)?.passage.id ?? [],
    ),
  };
}

/** `[[a, b], …]`, or in the form of Hugging Face `{a: […], b: […]}`. */
function pairsOf(value: unknown, first: string, second: string): [string, unknown][] {
  if (Array.isArray(value)) {
    return value.filter(Array.isArray).map((pair) => [String(pair[0]), pair[1]]);
  }
  if (!isObject(value)) return [];
  const others = Array.isArray(value[second]) ? value[second] : [];
  return stringsOf(value[first]).map((name, i) => [name, others[i]]);
}

/** Sub-questions: ours, MuSiQue's or StrategyQA's. */
function stepsOf(row: Json, passages: readonly Passage[]): HopStep[] {
  const steps = row.question_decomposition ?? row.decomposition;
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step: unknown): HopStep[] => {
    if (typeof step === "string") return [{ query: step }];
    if (!isObject(step) || typeof step.question !== "string") return [];
    const place = step.paragraph_support_idx;
    const passage =
      step.support_id ?? (typeof place === "number" ? passages[place]?.id : undefined);
    return [
      {
        query: step.question,
        ...(typeof step.answer === "string" ? { answer: step.answer } : {}),
        ...(typeof passage === "string" ? { passages: [passage] } : {}),
      },
    ];
  });
}
