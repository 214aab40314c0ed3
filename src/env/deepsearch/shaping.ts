/** What may be added to any reward; all of it is off until it is asked for. */
import { type Ended, showsAnswer } from "./rewards.ts";

export interface Shaping {
  /** Subtracted for every search. */
  readonly searchCost: number;
  /** Added when an accepted answer stood in something retrieved. */
  readonly retrievalBonus: number;
  /** Subtracted for an answer of more than ten words. */
  readonly longAnswerPenalty: number;
  /** Subtracted when the agent writes letters that are not Latin, and neither question nor passages have any. */
  readonly scriptPenalty: number;
}

export const NO_SHAPING: Shaping = {
  ...{ searchCost: 0, retrievalBonus: 0, longAnswerPenalty: 0, scriptPenalty: 0 },
};

const LONGEST_ANSWER_WORDS = 10;
const FOREIGN = /(?!\p{Script=Latin})\p{L}/u;

export function shapingOf(
  ended: Ended,
  question: string,
  { searchCost, retrievalBonus, longAnswerPenalty, scriptPenalty }: Shaping,
): number {
  const words = ended.answer?.split(/\s+/).length ?? 0;
  let sum = -searchCost * ended.searches;
  if (retrievalBonus !== 0 && showsAnswer(ended)) sum += retrievalBonus;
  if (words > LONGEST_ANSWER_WORDS) sum -= longAnswerPenalty;
  if (scriptPenalty !== 0 && FOREIGN.test(ended.turns.join("\n"))) {
    const asked = FOREIGN.test(question) || ended.information.some((block) => FOREIGN.test(block));
    if (!asked) sum -= scriptPenalty;
  }
  // Negative zero would be another reward in JSON.
  return sum + 0;
}
