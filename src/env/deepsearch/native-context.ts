/** What comes with a question of a published set: its paragraphs, and the steps of its answer. */
import { isObject } from "../../core/is-object.ts";
import { contentsOf, type Passage } from "../../retrieval/retriever.ts";
import { answerText, type Json, sourceOf, stringsOf } from "./native-record.ts";
import type { HopStep } from "./question.ts";

/** Known by what it says, so that one passage of many questions is one. */
function passageOf(title: string, text: string): Passage {
  const contents = contentsOf(title.trim(), text.trim());
  return { id: Bun.hash.xxHash64(contents).toString(16).padStart(16, "0"), contents };
}

/**
 * The paragraphs that come with a question, and which of them its answer needs.
 * @param set which the file is called after
 */
export function contextOf(row: Json, set?: string): { passages: Passage[]; supporting: string[] } {
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
  const joint = sourceOf(row, set) === "2wikimultihopqa" ? " " : "";
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
export function decompositionOf(row: Json, passages: readonly Passage[]): HopStep[] {
  const steps = row.question_decomposition ?? row.decomposition;
  if (!Array.isArray(steps)) return [];
  const places = placesOf(row);
  return steps.flatMap((step: unknown): HopStep[] => {
    if (typeof step === "string") return [{ query: step }];
    if (!isObject(step) || typeof step.question !== "string") return [];
    const place = places.indexOf(step.paragraph_support_idx);
    const passage = step.support_id ?? passages[place]?.id;
    const answer = answerText(step.answer);
    return [
      {
        query: step.question,
        ...(answer === undefined ? {} : { answer }),
        ...(typeof passage === "string" ? { passages: [passage] } : {}),
      },
    ];
  });
}

/** By what MuSiQue's steps call each paragraph: its `idx`, whatever its place; where none has one, its place. */
function placesOf({ paragraphs }: Json): unknown[] {
  if (!Array.isArray(paragraphs)) return [];
  const all = paragraphs.filter(isObject);
  const numbered = all.some(({ idx }) => idx !== undefined);
  return all.map(({ idx }, place) => (numbered ? idx : place));
}
