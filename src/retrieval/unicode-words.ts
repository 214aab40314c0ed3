/** Words as Lucene's StandardTokenizer finds them: UAX #29, without the pieces between words. */

import { KIND, kindOf } from "./word-kinds.ts";

/** In UTF-16 units; a longer word is cut, and the rest starts a new one. */
const LONGEST_WORD = 255;
const ZERO_WIDTH_JOINER = 0x200d;

/** All words of a text, in order. Any text will do. */
export function unicodeWords(text: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = wordEnd(text, at);
    if (end > at) words.push(text.slice(at, end));
    at = end > at ? end : afterCharacter(text, at);
  }
  return words;
}

/** Where the word that starts at `start` ends; `start` when none does. */
function wordEnd(text: string, start: number): number {
  // The end of text counts as a cut, so that nothing below looks beyond it.
  const limit = Math.min(text.length, start + LONGEST_WORD);
  switch (kindAt(text, start)) {
    case KIND.letter:
    case KIND.hebrew:
    case KIND.digit:
    case KIND.katakana:
    case KIND.connector:
      return joinedEnd(text, start, limit);
    case KIND.alone:
      return afterExtended(text, start, limit);
    case KIND.complex:
      return runEnd(text, start, limit);
    case KIND.pictograph:
      return pictographEnd(text, start, limit);
    case KIND.regional: {
      const half = afterExtended(text, start, limit);
      return kindAt(text, half) === KIND.regional ? afterExtended(text, half, limit) : start;
    }
    default:
      return start;
  }
}

/** Letters, digits, katakana and connectors, with the marks that join two of them. */
function joinedEnd(text: string, start: number, limit: number): number {
  let before = kindAt(text, start);
  let end = afterExtended(text, start, limit);
  let isWord = before !== KIND.connector;
  while (end < limit) {
    const next = kindAt(text, end);
    const after = afterExtended(text, end, limit);
    if (after === end) break;
    if (joins(before, next)) {
      isWord ||= next !== KIND.connector;
      before = next;
      end = after;
      continue;
    }
    const beyond = after < limit ? kindAt(text, after) : KIND.other;
    const afterBeyond = after < limit ? afterExtended(text, after, limit) : after;
    if (bridges(before, next, beyond) && afterBeyond > after) {
      before = beyond;
      end = afterBeyond;
      continue;
    }
    if (before === KIND.hebrew && next === KIND.singleQuote) end = after;
    break;
  }
  return isWord ? end : start;
}

function isLetter(kind: number): boolean {
  return kind === KIND.letter || kind === KIND.hebrew;
}

/** Whether two neighbours belong to one word. */
function joins(before: number, next: number): boolean {
  const inText = isLetter(next) || next === KIND.digit;
  if (isLetter(before) || before === KIND.digit) return inText || next === KIND.connector;
  if (before === KIND.katakana) return next === KIND.katakana || next === KIND.connector;
  // A connector joins whatever can be in a word.
  return inText || next === KIND.katakana || next === KIND.connector;
}

/** Whether a mark between two characters makes them one word. */
function bridges(before: number, mark: number, beyond: number): boolean {
  const either = mark === KIND.midBoth || mark === KIND.singleQuote;
  if (before === KIND.digit) return beyond === KIND.digit && (either || mark === KIND.midDigit);
  if (!isLetter(before) || !isLetter(beyond)) return false;
  const isHebrew = before === KIND.hebrew && beyond === KIND.hebrew;
  return either || mark === KIND.midLetter || (isHebrew && mark === KIND.doubleQuote);
}

function runEnd(text: string, start: number, limit: number): number {
  let end = start;
  while (end < limit && kindAt(text, end) === KIND.complex) {
    const after = afterExtended(text, end, limit);
    if (after === end) break;
    end = after;
  }
  return end;
}

/** A pictograph with its selectors and skin tones, and what a joiner ties to it. */
function pictographEnd(text: string, start: number, limit: number): number {
  let end = afterExtended(text, start, limit);
  while (
    end < limit &&
    text.charCodeAt(end - 1) === ZERO_WIDTH_JOINER &&
    kindAt(text, end) === KIND.pictograph
  ) {
    const after = afterExtended(text, end, limit);
    if (after === end) break;
    end = after;
  }
  return end;
}

/** The end of a character and the marks on it; `at` when the character itself crosses the limit. */
function afterExtended(text: string, at: number, limit: number): number {
  let end = afterCharacter(text, at);
  if (end > limit) return at;
  while (end < limit && kindAt(text, end) === KIND.extend) {
    const after = afterCharacter(text, end);
    if (after > limit) break;
    end = after;
  }
  return end;
}

function kindAt(text: string, at: number): number {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? KIND.other : kindOf(codePoint);
}

function afterCharacter(text: string, at: number): number {
  return at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
}
