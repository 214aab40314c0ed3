/** What a character is to the word segmentation of UAX #29, as Lucene reads it (Unicode 12). */

import { PICTOGRAPHS } from "./pictographs.ts";

/** Small numbers, because a table holds one in a byte; zero is a character not looked at yet. */
export const KIND = {
  /** Ends a word and is part of none. */
  other: 1,
  letter: 2,
  hebrew: 3,
  digit: 4,
  katakana: 5,
  /** `_` and its kin: join anything, but are no word by themselves. */
  connector: 6,
  /** Combining marks and format characters: part of the character before. */
  extend: 7,
  /** Joins two letters, as the colon does. */
  midLetter: 8,
  /** Joins two digits, as the comma does. */
  midDigit: 9,
  /** Joins two of either, as the full stop does. */
  midBoth: 10,
  /** As `midBoth`; after a Hebrew letter also part of the word. */
  singleQuote: 11,
  /** Joins two Hebrew letters. */
  doubleQuote: 12,
  /** Ideographs and hiragana: each a word. */
  alone: 13,
  pictograph: 14,
  /** Half of a flag. */
  regional: 15,
  /** South-east Asian scripts, whose runs stay whole. */
  complex: 16,
} as const;

const MID_LETTER = [0x3a, 0xb7, 0x387, 0x55f, 0x5f4, 0x2027, 0xfe13, 0xfe55, 0xff1a];
const MID_DIGIT = [
  ...[0x2c, 0x3b, 0x37e, 0x589, 0x60c, 0x60d, 0x66c, 0x7f8, 0x2044],
  ...[0xfe10, 0xfe14, 0xfe50, 0xfe54, 0xff0c, 0xff1b],
];
const MID_BOTH = [0x2e, 0x2018, 0x2019, 0x2024, 0xfe52, 0xff07, 0xff0e];

/** For all other characters, the first rule that holds decides. */
const RULES: readonly (readonly [kind: number, test: RegExp])[] = [
  // Half-width voicing marks and skin tones are letters and symbols by category, marks by nature.
  [KIND.extend, /[\p{M}\p{Emoji_Modifier}\u200c\uff9e\uff9f]/u],
  // The zero width space is a format character that separates.
  [KIND.other, /\u200b/u],
  [KIND.extend, /\p{Cf}/u],
  [KIND.connector, /[\p{Pc}\u202f]/u],
  [KIND.digit, /[\p{Nd}\u066b]/u],
  [KIND.alone, /[\p{Script=Han}\p{Script=Hiragana}]/u],
  // The first two ranges are what Unicode adds to the script.
  [KIND.katakana, /[\u3031-\u3035\u309b\u309c\u30a0\u30fc\uff70\p{Script=Katakana}]/u],
  [
    KIND.complex,
    /(?=\p{L})[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tai_Viet}\p{Script=Ahom}]/u,
  ],
  [KIND.hebrew, /(?=\p{L})\p{Script=Hebrew}/u],
  [KIND.regional, /\p{Regional_Indicator}/u],
  // Tangut and Nushu are ideographs that Lucene does not index.
  [KIND.other, /\p{Ideographic}/u],
  // Modifier symbols and marks that Unicode counts as letters of words.
  [
    KIND.letter,
    /[\p{Alphabetic}\u02c2-\u02c5\u02d2-\u02d7\u02de\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u055a-\u055c\u055e\u058a\u05f3\ua708-\ua716\ua720\ua721\ua789\ua78a\uab5b]/u,
  ],
];

const table = new Uint8Array(0x11_0000);
for (const [first, last] of PICTOGRAPHS) table.fill(KIND.pictograph, first, last + 1);
for (const code of MID_LETTER) table[code] = KIND.midLetter;
for (const code of MID_DIGIT) table[code] = KIND.midDigit;
for (const code of MID_BOTH) table[code] = KIND.midBoth;
table[0x27] = KIND.singleQuote;
table[0x22] = KIND.doubleQuote;

/** The kind of a code point; lone surrogates are `other`. */
export function kindOf(codePoint: number): number {
  const known = table[codePoint]!;
  if (known !== 0) return known;
  const character = String.fromCodePoint(codePoint);
  const kind = RULES.find(([, test]) => test.test(character))?.[0] ?? KIND.other;
  table[codePoint] = kind;
  return kind;
}
