/**
 * Answers as SQuAD compares them: lower case, no ASCII punctuation, no articles, single spaces. The other
 * rules are those of programs whose rewards are offered here; no rule folds accents or reads numbers.
 */

const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** `\b` knows ASCII letters only, with the `u` flag too. */
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
/** R1-Searcher counts these four quotes as punctuation, too. */
const MORE_PUNCTUATION = /[!-/:-@[-`{-~‘’´]/g;

function singleSpaces(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}

/** SQuAD's normalisation; the empty string for what consists of articles and punctuation. */
export function normalize(text: string): string {
  return singleSpaces(text.toLowerCase().replace(PUNCTUATION, "").replace(ARTICLES, " "));
}

/** R1-Searcher's: an underscore and every mark is a space, True and False are yes and no. */
export function normalizeR1Searcher(text: string): string {
  const spaced = text.replaceAll("_", " ").toLowerCase().replace(MORE_PUNCTUATION, " ");
  const words = singleSpaces(spaced.replace(ARTICLES, " "));
  return words === "true" ? "yes" : words === "false" ? "no" : words;
}

/** DeepResearcher's and ASearcher's: marks are spaces, articles stay. */
export function normalizeWithArticles(text: string): string {
  return singleSpaces(text.toLowerCase().replace(PUNCTUATION, " "));
}

/** The words of a text, as they stand between spaces. */
export function wordsOf(normalized: string): string[] {
  return normalized.split(/\s+/u).filter((word) => word !== "");
}
