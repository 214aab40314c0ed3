/**
 * Word-level tokenization as Hugging Face's `tokenizer.json` describes it: model `WordLevel`,
 * pre-tokenizer `Split` whose pattern matches what is kept (behavior Removed, invert true), decoder
 * `WordPiece`. Ids and texts equal those of the `tokenizers` library for such files.
 */
import { UserError } from "../core/errors.ts";
import type { Tokenizer } from "./tokenizer.ts";

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

/** What names the tokens with a role, as `tokenizer_config.json` does. */
export interface TokenRoles {
  /** `eos_token`: the text of the token that ends a turn. */
  readonly endOfTurn?: string;
  /** `pad_token`. */
  readonly pad?: string;
}

/**
 * @param content the text of a tokenizer.json
 * @param source its path, for messages
 * @throws UserError naming the key and what was expected
 */
export function readWordLevel(
  content: string,
  source: string,
  { endOfTurn = "\n", pad = "<pad>" }: TokenRoles = {},
): Tokenizer {
  const fail = (key: string, expected: string, found: unknown): never => {
    const shown = found === undefined ? "nothing" : JSON.stringify(found).slice(0, 60);
    throw new UserError(`${source}: ${key}: expected ${expected}, found ${shown}`);
  };
  const root = parse(content, source);
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

  return {
    vocabularySize: tokens.length,
    endOfTurn: idFor("the token that ends a turn", endOfTurn),
    pad: idFor("the padding token", pad),
    idOf: (token) => ids.get(token),
    encode(text) {
      const encoded: number[] = [];
      for (const piece of added === undefined ? [text] : text.split(added)) {
        const special = added?.test(piece) ? ids.get(piece) : undefined;
        if (special !== undefined) encoded.push(special);
        else for (const [match] of piece.matchAll(word)) encoded.push(ids.get(match) ?? unknown);
      }
      return encoded;
    },
    decode(sequence) {
      const words: string[] = [];
      for (const id of sequence) {
        const token = tokens[id];
        if (token === undefined) throw new RangeError(`no token ${id} among ${tokens.length}`);
        words.push(token);
      }
      return toText(words);
    },
  };
}

type Fail = (key: string, expected: string, found: unknown) => never;

function parse(content: string, source: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new UserError(`${source}: not valid JSON (${(error as Error).message})`);
  }
  if (!isObject(value)) throw new UserError(`${source}: expected an object`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

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

/** Matches the added tokens, which are found in a text before it is split into words. */
function addedTokens(
  value: unknown,
  ids: ReadonlyMap<string, number>,
  fail: Fail,
): RegExp | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return fail("added_tokens", "a list", value);
  const contents = value.map((token: unknown, index) => {
    const { content, id } = isObject(token) ? token : {};
    if (typeof content === "string" && content !== "" && ids.get(content) === id) return content;
    return fail(`added_tokens[${index}]`, "a token of model.vocab with its id", token);
  });
  if (contents.length === 0) return undefined;
  const escaped = contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(`(${escaped.join("|")})`);
}

/** Tokens joined by spaces; a token that begins with the prefix continues the one before. */
function decoder(value: unknown, fail: Fail): (tokens: readonly string[]) => string {
  const { prefix, cleanup } = section(value, "decoder", "WordPiece", fail);
  if (typeof prefix !== "string") return fail("decoder.prefix", "a string", prefix);
  return (tokens) => {
    let text = "";
    for (const [index, token] of tokens.entries()) {
      const continues = prefix !== "" && token.startsWith(prefix);
      let piece = index === 0 ? token : continues ? token.slice(prefix.length) : ` ${token}`;
      if (cleanup === true) for (const [from, to] of CLEAN_UP) piece = piece.replaceAll(from, to);
      text += piece;
    }
    return text;
  };
}
