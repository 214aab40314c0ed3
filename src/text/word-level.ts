/**
 * Word-level tokenization as Hugging Face's `tokenizer.json` describes it: model `WordLevel`,
 * pre-tokenizer `Split` whose pattern matches what is kept (behavior Removed, invert true), decoder
 * `WordPiece`. Ids and texts equal those of the `tokenizers` library for such files.
 */

import { UserError } from "../core/errors.ts";
import { isObject } from "../core/is-object.ts";
import { AddedTokens } from "./added-tokens.ts";
import type { TokenRoles } from "./token-roles.ts";
import { decodeWith, type TextStream, type Tokenizer } from "./tokenizer.ts";

/** What `tokenizers` calls clean-up, applied to each token with the space before it. */
const CLEAN_UP: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

type Json = Readonly<Record<string, unknown>>;

/**
 * @param root the contents of a tokenizer.json
 * @param source its path, for messages
 * @throws UserError naming the key and what was expected
 */
export function readWordLevel(
  root: Json,
  source: string,
  { endOfTurn = "\n", pad = "<pad>", stops = [] }: TokenRoles = {},
): Tokenizer {
  const fail = (key: string, expected: string, found: unknown): never => {
    const shown = found === undefined ? "nothing" : JSON.stringify(found).slice(0, 60);
    throw new UserError(`${source}: ${key}: expected ${expected}, found ${shown}`);
  };
  const model = section(root.model, "model", "WordLevel", fail);
  const tokens = vocabularyOf(model.vocab, fail);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const idFor = (key: string, token: unknown): number =>
    ids.get(token as string) ?? fail(key, "a token of model.vocab", token);

  const unknown = idFor("model.unk_token", model.unk_token);
  const word = splitPattern(root.pre_tokenizer, fail);
  const added = addedTokens(root.added_tokens, ids, fail);
  const toText = decoder(root.decoder, fail);
  if (root.normalizer != null) fail("normalizer", "null", root.normalizer);
  const turnEnd = idFor("the token that ends a turn", endOfTurn);

  const encode = (text: string): number[] =>
    Array.from(text.matchAll(word), ([match]) => {
      const id = ids.get(match) ?? unknown;
      return added.has(id) ? unknown : id;
    });
  const stream = (): TextStream => {
    let first = true;
    return {
      push(id) {
        const token = tokens[id];
        if (token === undefined) throw new RangeError(`no token ${id} among ${tokens.length}`);
        const text = toText(token, first);
        first = false;
        return text;
      },
      end: () => "",
    };
  };
  return {
    vocabularySize: tokens.length,
    endOfTurn: turnEnd,
    stops: new Set([turnEnd, ...stops]),
    pad: idFor("the padding token", pad),
    idOf: (token) => ids.get(token),
    isAdded: (id) => added.has(id),
    encode,
    encodeMarkup: (text, guard) => added.encode(text, guard, encode),
    breakUp: (text, guard) => added.breakUp(text, guard),
    stream,
    decode: (sequence) => decodeWith(stream(), sequence),
  };
}

type Fail = (key: string, expected: string, found: unknown) => never;

function section(value: unknown, key: string, type: string, fail: Fail): Json {
  if (!isObject(value)) return fail(key, `an object of type ${type}`, value);
  if (value.type !== type) return fail(`${key}.type`, `"${type}"`, value.type);
  return value;
}

/** Tokens by id; the ids must be 0 to n - 1, each once. */
function vocabularyOf(vocab: unknown, fail: Fail): readonly string[] {
  if (!isObject(vocab)) return fail("model.vocab", "an object of token → id", vocab);
  const tokens: string[] = [];
  const size = Object.keys(vocab).length;
  for (const [token, id] of Object.entries(vocab)) {
    const free = Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < size;
    if (!free || tokens[id as number] !== undefined) {
      return fail(`model.vocab "${token}"`, `an id of its own from 0 to ${size - 1}`, id);
    }
    tokens[id as number] = token;
  }
  return tokens;
}

function splitPattern(value: unknown, fail: Fail): RegExp {
  const split = section(value, "pre_tokenizer", "Split", fail);
  if (split.behavior !== "Removed" || split.invert !== true) {
    const found = { behavior: split.behavior, invert: split.invert };
    return fail("pre_tokenizer", 'behavior "Removed" with invert true', found);
  }
  const source = isObject(split.pattern) ? split.pattern.Regex : undefined;
  if (typeof source !== "string") {
    return fail("pre_tokenizer.pattern", '{"Regex": "…"}', split.pattern);
  }
  try {
    return new RegExp(source, "gu");
  } catch {
    return fail("pre_tokenizer.pattern.Regex", "a regular expression", source);
  }
}

function addedTokens(value: unknown, ids: ReadonlyMap<string, number>, fail: Fail): AddedTokens {
  if (value === undefined || value === null) return new AddedTokens(new Map());
  if (!Array.isArray(value)) return fail("added_tokens", "a list", value);
  const found = value.map((token: unknown, index): [string, number] => {
    const { content, id } = isObject(token) ? token : {};
    if (typeof content === "string" && content !== "" && ids.get(content) === id) {
      return [content, id as number];
    }
    return fail(`added_tokens[${index}]`, "a token of model.vocab with its id", token);
  });
  return new AddedTokens(new Map(found));
}

/** Tokens joined by spaces; a token that begins with the prefix continues the one before. */
function decoder(value: unknown, fail: Fail): (token: string, first: boolean) => string {
  const { prefix, cleanup } = section(value, "decoder", "WordPiece", fail);
  if (typeof prefix !== "string") return fail("decoder.prefix", "a string", prefix);
  return (token, first) => {
    const continues = prefix !== "" && token.startsWith(prefix);
    let piece = first ? token : continues ? token.slice(prefix.length) : ` ${token}`;
    if (cleanup === true) for (const [from, to] of CLEAN_UP) piece = piece.replaceAll(from, to);
    return piece;
  };
}
