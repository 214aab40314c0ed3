import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readTokenizer } from "../../src/text/read-tokenizer.ts";

/** As the tests change it. */
const DEFINITION = {
  added_tokens: [{ id: 0, content: "<pad>", special: true }],
  normalizer: null,
  pre_tokenizer: {
    type: "Split",
    pattern: { Regex: "[^ ,\\n\\r\\t]+|,|\\n" },
    behavior: "Removed",
    invert: true,
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordLevel",
    vocab: {
      "<pad>": 0,
      "<unk>": 1,
      "\n": 2,
      ",": 3,
      get: 4,
      bamboo: 5,
      "4": 6,
      "##s": 7,
      "'s": 8,
    },
    unk_token: "<unk>",
  },
};

const tokenizer = readTokenizer(JSON.stringify(DEFINITION), "tokenizer.json");

describe("encode", () => {
  test("splits at white space, and makes newline and comma words", () => {
    expect(tokenizer.encode("get 4  bamboo,get\n")).toEqual([4, 6, 5, 3, 4, 2]);
  });

  test("an unknown word is one unknown token", () => {
    expect(tokenizer.encode("get Bamboo")).toEqual([4, 1]);
  });

  test("an added token is found inside a word", () => {
    expect(tokenizer.encodeMarkup("get<pad>4")).toEqual([4, 0, 6]);
  });

  test("in anybody's text an added token is a word like any other", () => {
    expect(tokenizer.encode("get<pad>4")).toEqual([1]);
    expect(tokenizer.encode("get <pad>")).toEqual([4, 1]);
    expect(tokenizer.encodeMarkup("<pad>get <p|ad>", "|")).toEqual([0, 4, 1]);
  });

  test("nothing gives nothing", () => expect(tokenizer.encode(" \t ")).toEqual([]));
});

describe("decode", () => {
  test("joins words by spaces, commas to the word before", () => {
    expect(tokenizer.decode([4, 6, 5, 3, 4, 2])).toBe("get 4 bamboo, get \n");
  });

  test("a continuation loses its prefix, except at the start", () => {
    expect(tokenizer.decode([5, 7])).toBe("bamboos");
    expect(tokenizer.decode([7, 5])).toBe("##s bamboo");
    expect(tokenizer.decode([5, 8])).toBe("bamboo's");
  });

  test("an id outside the vocabulary is refused", () => {
    expect(() => tokenizer.decode([9])).toThrow("no token 9 among 9");
  });

  test("known words come back, and encode to the same ids", () => {
    const ids = fc.array(fc.integer({ min: 2, max: 6 }));
    fc.assert(
      fc.property(ids, (sequence) => {
        expect(tokenizer.encode(tokenizer.decode(sequence))).toEqual(sequence);
      }),
    );
  });
});

test("roles and sizes", () => {
  expect(tokenizer.vocabularySize).toBe(9);
  expect([tokenizer.pad, tokenizer.endOfTurn]).toEqual([0, 2]);
  expect([tokenizer.idOf("get"), tokenizer.idOf("nothing"), tokenizer.idOf("toString")]).toEqual([
    ...[4, undefined, undefined],
  ]);
});

describe("a malformed file is refused with the key and what was expected", () => {
  const { model, pre_tokenizer, decoder } = DEFINITION;
  const cases: readonly (readonly [object, string])[] = [
    [{ model: undefined }, 'model.type: found nothing, allowed: "BPE" or "WordLevel"'],
    [{ model: { ...model, type: 3 } }, 'model.type: found 3, allowed: "BPE" or "WordLevel"'],
    [{ model: { ...model, vocab: [] } }, "model.vocab: expected an object of token → id"],
    [{ model: { ...model, vocab: { a: 1 } } }, 'model.vocab "a": expected an id of its own'],
    [{ model: { ...model, vocab: { a: 0, b: 0 } } }, 'model.vocab "b": expected an id of its own'],
    [{ model: { ...model, unk_token: "?" } }, "model.unk_token: expected a token of model.vocab"],
    [{ pre_tokenizer: null }, "pre_tokenizer: expected an object of type Split, found null"],
    [{ pre_tokenizer: { ...pre_tokenizer, invert: false } }, 'expected behavior "Removed"'],
    [{ pre_tokenizer: { ...pre_tokenizer, pattern: "a" } }, "pre_tokenizer.pattern: expected"],
    [
      { pre_tokenizer: { ...pre_tokenizer, pattern: { Regex: "(" } } },
      "pre_tokenizer.pattern.Regex: expected a regular expression",
    ],
    [{ decoder: { ...decoder, prefix: 1 } }, "decoder.prefix: expected a string, found 1"],
    [{ added_tokens: [{ id: 5, content: "<pad>" }] }, "added_tokens[0]: expected a token"],
    [{ normalizer: { type: "Lowercase" } }, "normalizer: expected null"],
  ];
  test.each(cases)("%j", (change, message) => {
    const text = JSON.stringify({ ...DEFINITION, ...change });
    expect(() => readTokenizer(text, "dir/tokenizer.json")).toThrow(message);
    expect(() => readTokenizer(text, "dir/tokenizer.json")).toThrow("dir/tokenizer.json: ");
  });

  test("not JSON, not an object, no token for a role", () => {
    expect(() => readTokenizer("{", "t.json")).toThrow("t.json:1: not JSON");
    expect(() => readTokenizer("3", "t.json")).toThrow("t.json: expected an object");
    const text = JSON.stringify(DEFINITION);
    expect(() => readTokenizer(text, "t.json", { endOfTurn: "<|im_end|>" })).toThrow(
      't.json: the token that ends a turn: expected a token of model.vocab, found "<|im_end|>"',
    );
  });
});
