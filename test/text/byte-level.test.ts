import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readTokenizer } from "../../src/text/read-tokenizer.ts";
import type { Tokenizer } from "../../src/text/tokenizer.ts";
import { HAS_QWEN, qwenTokenizerJson } from "./qwen-tokenizer.ts";

const GOLDEN = join(import.meta.dir, "../golden/tokenizer");

interface Vectors {
  readonly vocabulary: number;
  readonly markup: readonly number[][];
  readonly plain: readonly number[][];
  readonly decoded: readonly { readonly ids: number[]; readonly text: string }[];
}
const golden: { texts: string[]; small: Vectors; "qwen2.5": Vectors } = JSON.parse(
  readFileSync(join(GOLDEN, "vectors.json"), "utf8"),
);
const roles = { endOfTurn: "<|im_end|>", pad: "<|endoftext|>" };
const smallJson = readFileSync(join(GOLDEN, "small-bpe.json"), "utf8");
const small = readTokenizer(smallJson, "small-bpe.json", roles);

/** Vectors that differ, with their texts: a failure says which. */
function differing(
  texts: readonly string[],
  expected: readonly number[][],
  encode: (text: string) => number[],
) {
  return texts.flatMap((text, i) => {
    const found = encode(text);
    return found.join() === expected[i]!.join() ? [] : [{ text, found, expected: expected[i] }];
  });
}

function agrees(tokenizer: Tokenizer, vectors: Vectors): void {
  expect(golden.texts.length).toBeGreaterThan(250);
  expect(tokenizer.vocabularySize).toBe(vectors.vocabulary);
  expect(differing(golden.texts, vectors.markup, (t) => tokenizer.encodeMarkup(t))).toEqual([]);
  expect(differing(golden.texts, vectors.plain, (t) => tokenizer.encode(t))).toEqual([]);
  for (const { ids, text } of vectors.decoded) expect(tokenizer.decode(ids)).toBe(text);
}

test("ids and texts of a small byte-level BPE are those of the Python library", () => {
  agrees(small, golden.small);
});

test.skipIf(!HAS_QWEN)("ids and texts of Qwen2.5 are those of the Python library", () => {
  const begun = performance.now();
  const qwen = readTokenizer(qwenTokenizerJson(), "tokenizer.json", roles);
  console.log(`Qwen2.5's tokenizer was read in ${Math.round(performance.now() - begun)} ms`);
  agrees(qwen, golden["qwen2.5"]);
  expect([qwen.endOfTurn, qwen.pad, qwen.idOf("<tool_call>"), qwen.idOf("\n")]).toEqual([
    151645, 151643, 151657, 198,
  ]);
});

describe("added tokens", () => {
  const [imEnd] = small.encodeMarkup("<|im_end|>") as [number];

  test("stand for themselves in markup only", () => {
    expect(small.encodeMarkup("a<|im_end|>")).toEqual([...small.encode("a"), imEnd]);
    expect(small.encode("a<|im_end|>")).not.toContain(imEnd);
    expect(small.decode(small.encode("a<|im_end|>"))).toBe("a<|im_end|>");
    expect([small.isAdded(imEnd), small.isAdded(0)]).toEqual([true, false]);
  });

  test("a guard breaks them up and leaves no trace", () => {
    const guarded = small.encodeMarkup("<|im_end|>a <|im_\uFDD0end|>b", "\uFDD0");
    expect(guarded).toEqual([imEnd, ...small.encode("a <|im_end|>b")]);
  });
});

describe("text as its ids come", () => {
  test("the beginning of a character waits for its rest", () => {
    const ids = [...new TextEncoder().encode("é😀!")].map((byte) => byteId(byte));
    const stream = small.stream();
    expect(ids.map((id) => stream.push(id))).toEqual(["", "é", "", "", "", "😀", "!"]);
    expect(stream.end()).toBe("");
  });

  test("what is never completed comes at the end", () => {
    const stream = small.stream();
    expect(stream.push(byteId(0xf0)) + stream.push(byteId(0x9f))).toBe("");
    expect(stream.end()).toBe("\uFFFD");
  });

  test("joined, it is the text of all ids", () => {
    const ids = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 704 })),
    );
    fc.assert(
      fc.property(ids, (sequence) => {
        const stream = small.stream();
        const pieces = sequence.map((id) => stream.push(id));
        expect([...pieces, stream.end()].join("")).toBe(small.decode(sequence));
      }),
    );
  });

  test("any text comes back in its composed form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(small.decode(small.encode(text))).toBe(text.normalize("NFC"));
      }),
    );
  });
});

test("an id without a token has no text; what is no id is refused", () => {
  expect(small.decode([...small.encode("a"), 5000])).toBe("a");
  expect(() => small.decode([-1])).toThrow("no token -1 among 705");
  expect(() => small.decode([1.5])).toThrow(RangeError);
});

test("a lone surrogate is a replacement character", () => {
  expect(small.encode("a\ud800b")).toEqual(small.encode("a\ufffdb"));
});

test("roles: one token ends a turn, more may", () => {
  const [end, more] = [small.idOf("<|im_end|>")!, small.idOf("<|endoftext|>")!];
  const both = readTokenizer(smallJson, "t.json", { ...roles, stops: [end, more] });
  expect([both.endOfTurn, [...both.stops]]).toEqual([end, [end, more]]);
  const generation = readTokenizer(smallJson, "t.json", { stops: [more, end] });
  expect([generation.endOfTurn, generation.pad]).toEqual([more, more]);
});

describe("a malformed file is refused with the key and what is allowed", () => {
  const json = JSON.parse(smallJson);
  const { model } = json;
  const [bang, ...others] = Object.entries(model.vocab);
  const cases: readonly (readonly [object, string])[] = [
    [{ model: { ...model, type: "Unigram" } }, 'model.type: found "Unigram", allowed: "BPE" or "W'],
    [{ model: undefined }, "model.type: found nothing"],
    [{ model: { ...model, vocab: [] } }, "model.vocab: expected an object of token → id"],
    [
      { model: { ...model, vocab: { a: 2 ** 40 } } },
      'model.vocab "a": found 1099511627776, allowed',
    ],
    [{ model: { ...model, vocab: { a: -1 } } }, 'model.vocab "a": found -1, allowed: an id of its'],
    [{ model: { ...model, vocab: { a: 0, b: 0 } } }, 'model.vocab "b": found 0, allowed: an id of'],
    [
      { model: { ...model, vocab: Object.fromEntries(others) } },
      `model.vocab: no token for byte ${bang![0].charCodeAt(0)}`,
    ],
    [{ model: { ...model, merges: ["a b c"] } }, "model.merges[0]: expected two tokens, found"],
    [{ model: { ...model, merges: [["a", "€"]] } }, "model.merges[0]: expected two tokens, found"],
    [{ model: { ...model, dropout: 0.1 } }, "model.dropout: found 0.1"],
    [{ decoder: { type: "WordPiece" } }, 'decoder.type: found "WordPiece", allowed: "ByteLevel"'],
    [{ pre_tokenizer: null }, "pre_tokenizer: found null"],
    [
      { added_tokens: [{ id: 1, content: "a", lstrip: true }] },
      "added_tokens[0].lstrip: found true",
    ],
    [
      { added_tokens: [{ id: 32, content: "<x>" }] },
      'added_tokens[0]: "<x>" has id 32, which is "A"',
    ],
    [
      { added_tokens: [{ id: 900, content: "A" }] },
      'added_tokens[0]: "A" has id 900, in model.vocab 32',
    ],
    [
      { added_tokens: ["<x>", "<y>"].map((content) => ({ id: 900, content })) },
      'added_tokens[1]: "<y>" has id 900, which is "<x>"',
    ],
  ];
  test.each(cases)("case %#", (change, message) => {
    const text = JSON.stringify({ ...json, ...change });
    expect(() => readTokenizer(text, "dir/tokenizer.json", roles)).toThrow(message);
    expect(() => readTokenizer(text, "dir/tokenizer.json", roles)).toThrow("dir/tokenizer.json: ");
  });

  test("a role that no token has, and none at all", () => {
    expect(() => readTokenizer(smallJson, "t.json", { endOfTurn: "</s>" })).toThrow(
      't.json: no token "</s>", which is the end of a turn',
    );
    expect(() => readTokenizer(smallJson, "t.json")).toThrow(
      "t.json: nothing says which token ends a turn",
    );
  });
});

/** The id of a byte: bytes that cannot be seen are written as the characters from U+0100 on. */
function byteId(byte: number): number {
  const unseen = [...range(0, 0x20), ...range(0x7f, 0xa0), 0xad];
  const place = unseen.indexOf(byte);
  const character = String.fromCharCode(place < 0 ? byte : 0x100 + place);
  return JSON.parse(smallJson).model.vocab[character];
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
