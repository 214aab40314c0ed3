/** From text to the terms an index knows: words, possessives, case, stop words, Porter stems. */

import { stemmer } from "stemmer";
import { unicodeWords } from "./unicode-words.ts";

/**
 * - `lucene`: Lucene's English analyser as Anserini and Pyserini use it; words by UAX #29.
 * - `letters-and-digits`: words are runs of letters and digits; the rest is the same.
 */
export type AnalyzerName = "lucene" | "letters-and-digits";
export const ANALYZERS: readonly AnalyzerName[] = ["lucene", "letters-and-digits"];

export interface AnalyzerOptions {
  readonly analyzer: AnalyzerName;
}

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a an and are as at be but by for if in into is it no not of on or such that the their then " +
    "there these they this to was will with"
  ).split(" "),
);

/** The terms of a text in order, repeats kept. Documents and queries are analysed alike. */
export function analyze(text: string, { analyzer }: AnalyzerOptions): string[] {
  const words = analyzer === "lucene" ? luceneWords(text) : plainWords(text);
  const terms: string[] = [];
  for (const word of words) {
    const term = termOf(word);
    if (term !== "") terms.push(term);
  }
  return terms;
}

function luceneWords(text: string): string[] {
  return unicodeWords(text).map((word) => lowerCase(word.replace(/['’＇][sS]$/, "")));
}

/** Case by case, as Java does it: no final sigma, and İ becomes i. */
function lowerCase(word: string): string {
  if (isAscii(word)) return word.toLowerCase();
  return Array.from(word, (character) => (character === "İ" ? "i" : character.toLowerCase())).join(
    "",
  );
}

function isAscii(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) > 127) return false;
  return true;
}

function plainWords(text: string): string[] {
  const withoutPossessives = text.toLowerCase().replace(/['’＇]s(?![\p{L}\p{N}])/gu, "");
  return withoutPossessives.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * Words that are a suffix and nothing else: the package wants a letter before it, Porter does not.
 * The golden BM25 lists contain "ies".
 */
const BARE_SUFFIXES: ReadonlyMap<string, string> = new Map([
  ["ies", "i"],
  ["sses", "ss"],
  ["eed", "eed"],
]);

/** Words whose terms are remembered; a corpus uses the same ones again and again. */
const REMEMBERED_WORDS = 1 << 17;
/** Longer words are rare and would fill the memory. */
const LONGEST_REMEMBERED = 64;
const remembered = new Map<string, string>();

/** The term of a lower-case word; "" for a word that is not searched for. */
function termOf(word: string): string {
  const known = remembered.get(word);
  if (known !== undefined) return known;
  const term = STOP_WORDS.has(word) ? "" : (BARE_SUFFIXES.get(word) ?? stemmer(word));
  if (word.length <= LONGEST_REMEMBERED) {
    if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
    remembered.set(word, term);
  }
  return term;
}
