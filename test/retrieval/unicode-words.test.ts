import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { unicodeWords } from "../../src/retrieval/unicode-words.ts";

describe("one word", () => {
  test.each([
    ...["don't", "u.s.a", "7.5", "1,000", "color:black", "usb_c", "1⁄2", "l’oreal", "i7", "_x_"],
    ...["カタカナ", "ｶﾞ", "해물라면", "ภาษาไทย", "é", "e\u0301", 'א"ב', "a_カ", "１２"],
    ...["★", "✔\ufe0f", "❤", "®", "™", "▶", "👩🏽\u200d🔬", "🇬🇧", "与", "の", "も\u0301"],
  ])("%s", (text) => {
    expect(unicodeWords(text)).toEqual([text]);
  });
});

test.each([
  ["t-shirt", ["t", "shirt"]],
  ["7:5 a,b a;b 1:a", ["7", "5", "a", "b", "a", "b", "1", "a"]],
  ["a..b a.'b 'a' .5.", ["a", "b", "a", "b", "a", "5"]],
  ["日本語ひらカナ", ["日", "本", "語", "ひ", "ら", "カナ"]],
  ["★★ best™!", ["★", "★", "best", "™"]],
  ["☆ ___ \u0301 … \u{17000}", []],
  ["wi\u200bfi co\u00adop", ["wi", "fi", "co\u00adop"]],
  ["🇬🇧🇫🇷🇬", ["🇬🇧", "🇫🇷"]],
  ["א' ב\"", ["א'", "ב"]],
  ["a\ud800b", ["a", "b"]],
  ["", []],
])("%j", (text, words) => {
  expect(unicodeWords(text)).toEqual(words);
});

test("a long word is cut at 255 units, and never inside a character", () => {
  expect(unicodeWords("x".repeat(600)).map((word) => word.length)).toEqual([255, 255, 90]);
  expect(unicodeWords("𝒳".repeat(130)).map((word) => word.length)).toEqual([254, 6]);
  expect(unicodeWords(`${"x".repeat(254)}.yz`).map((word) => word.length)).toEqual([254, 2]);
  expect(unicodeWords("_".repeat(600))).toEqual([]);
});

test("the engine's segmenter agrees where it has no rules or dictionary of its own", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "word" });
  const unit = fc.constantFrom(..."abzéßЖ0179_'.,;’-/ \n\t\"אב\u0301\u00ad");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      const theirs = Array.from(segmenter.segment(text)).filter(
        // Connectors alone are no word; marks after a separator belong to no word.
        ({ segment }) => /[\p{L}\p{N}]/u.test(segment),
      );
      expect(unicodeWords(text)).toEqual(theirs.map(({ segment }) => segment));
    }),
    { numRuns: 2000 },
  );
});

test("words are pieces of the text, in order and apart", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      let at = 0;
      for (const word of unicodeWords(text)) {
        const found = text.indexOf(word, at);
        expect(found).toBeGreaterThanOrEqual(at);
        at = found + word.length;
      }
    }),
  );
});
