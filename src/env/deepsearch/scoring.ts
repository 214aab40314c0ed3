/**
 * How well an answer agrees with the accepted ones, in [0, 1]; the best of them counts.
 *
 *     EM       normalised, they are equal
 *     SubEM    an accepted answer stands in the given one
 *     CoverEM  every word of an accepted answer stands in the given one, in any order (R1-Searcher)
 *     F1       2PR / (P + R) of the words as a multiset; 0 where one is yes, no or noanswer and they differ
 *
 * An empty answer agrees with nothing. An accepted answer of articles and marks alone ("The The") is compared
 * as it stands, in lower case: normalised it would be empty.
 */
import { normalize, normalizeR1Searcher, normalizeWithArticles, wordsOf } from "./normalize.ts";

type Normalize = (text: string) => string;

const YES_NO: ReadonlySet<string> = new Set(["yes", "no", "noanswer"]);

/** Switches that the recorded scores and published programs need. */
export interface ScoringOptions {
  /** Compare as it stands what normalises to nothing (true); false as SQuAD does. */
  readonly emptyGuard?: boolean;
  /** HotpotQA's rule for yes, no and noanswer in F1 (true). */
  readonly yesNoRule?: boolean;
}

/** Both sides in the form in which they are compared. */
function pairsOf(
  prediction: string,
  accepted: readonly string[],
  normalized: Normalize,
  guard: boolean,
): (readonly [string, string])[] {
  const given = normalized(prediction);
  return accepted.map((answer) => {
    const wanted = normalized(answer);
    if (wanted !== "" || !guard) return [given, wanted];
    return [prediction.trim().toLowerCase(), answer.trim().toLowerCase()];
  });
}

/** @returns whether `agrees` holds for a pair; an empty answer never agrees where the guard is on */
function any(
  prediction: string,
  accepted: readonly string[],
  normalized: Normalize,
  guard: boolean,
  agrees: (given: string, wanted: string) => boolean,
): number {
  const pairs = pairsOf(prediction, accepted, normalized, guard);
  return pairs.some(([given, wanted]) => !(guard && given === "") && agrees(given, wanted)) ? 1 : 0;
}

export function exactMatch(
  prediction: string,
  accepted: readonly string[],
  { emptyGuard = true }: ScoringOptions = {},
): number {
  return any(prediction, accepted, normalize, emptyGuard, (given, wanted) => given === wanted);
}

export function substringMatch(
  prediction: string,
  accepted: readonly string[],
  { emptyGuard = true }: ScoringOptions = {},
): number {
  return any(prediction, accepted, normalize, emptyGuard, (given, wanted) =>
    given.includes(wanted),
  );
}

export function coverMatch(prediction: string, accepted: readonly string[]): number {
  return any(prediction, accepted, normalizeR1Searcher, true, (given, wanted) => {
    const words = new Set(wordsOf(given));
    return wordsOf(wanted).every((word) => words.has(word));
  });
}

export function f1(
  prediction: string,
  accepted: readonly string[],
  { emptyGuard = true, yesNoRule = true }: ScoringOptions = {},
  normalized: Normalize = normalize,
): number {
  const pairs = pairsOf(prediction, accepted, normalized, emptyGuard);
  return Math.max(
    0,
    ...pairs.map(([given, wanted]) => {
      const differ = given !== wanted && (YES_NO.has(given) || YES_NO.has(wanted));
      return yesNoRule && differ ? 0 : overlap(wordsOf(given), wordsOf(wanted));
    }),
  );
}

/** F1 of the words as sets, marks as spaces and articles kept: DeepResearcher's and ASearcher's. */
export function setF1(prediction: string, accepted: readonly string[]): number {
  const distinct = (text: string) => [...new Set(wordsOf(normalizeWithArticles(text)))];
  const given = distinct(prediction);
  return Math.max(0, ...accepted.map((answer) => overlap(given, distinct(answer))));
}

/** F1 of two multisets of words. */
function overlap(given: readonly string[], wanted: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let same = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count > 0) same++;
    left.set(word, count - 1);
  }
  return same === 0 ? 0 : (2 * same) / (given.length + wanted.length);
}
