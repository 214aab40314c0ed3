/**
 * Byte-level BPE as Hugging Face's `tokenizer.json` describes it, by way of `@huggingface/tokenizers`.
 * Ids equal those of the `tokenizers` library for Python (but for letters that one's Unicode has and the
 * other's has not yet); the text of ids is made of their bytes.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { validate } from "../core/validate.ts";
import { AddedTokens } from "./added-tokens.ts";
import type { TokenRoles } from "./token-roles.ts";
import { decodeWith, type TextStream, type Tokenizer } from "./tokenizer.ts";

const MAX_ID = 0x7fff_ffff;

/** An added token's white space and word borders are not looked at: Qwen's have none of these. */
const AddedToken = z.looseObject({
  id: z.int().min(0).max(MAX_ID),
  content: z.string().min(1),
  lstrip: z.literal(false).default(false),
  rstrip: z.literal(false).default(false),
  single_word: z.literal(false).default(false),
});

const ByteLevelJson = z.looseObject({
  added_tokens: z.array(AddedToken).nullish(),
  normalizer: z.looseObject({ type: z.string() }).nullish(),
  pre_tokenizer: z.looseObject({ type: z.string() }),
  decoder: z.looseObject({ type: z.literal("ByteLevel") }),
  model: z.looseObject({
    type: z.literal("BPE"),
    dropout: z.literal(0).nullish(),
    // Their hundreds of thousands of entries are looked at in a loop of their own.
    vocab: z.unknown(),
    merges: z.unknown(),
  }),
});

/**
 * @param json the contents of a tokenizer.json
 * @param source its path, for messages
 * @throws UserError naming the key, what was found and what is allowed
 */
export function readByteLevel(json: unknown, source: string, roles: TokenRoles): Tokenizer {
  const { added_tokens, ...definition } = validate(ByteLevelJson, json, source);
  const added = added_tokens ?? [];
  const ids = vocabularyOf(definition.model.vocab, source);
  const tokens: string[] = [];
  for (const [token, id] of ids) tokens[id] = token;
  for (const [index, token] of added.entries()) {
    addTo(ids, tokens, token, `${source}: added_tokens[${index}]`);
  }
  checkMerges(definition.model.merges, ids, source);

  const library = open(
    { post_processor: null, normalizer: null, ...definition, added_tokens: [] },
    source,
  );
  const addedTokens = new AddedTokens(new Map(added.map(({ content, id }) => [content, id])));

  const encode = (text: string): number[] => {
    // A lone surrogate has no bytes; as a replacement character it is what every reader makes of it.
    const normal = library.normalizer?.(text.toWellFormed()) ?? text.toWellFormed();
    if (normal === "") return [];
    const words = library.pre_tokenizer?.(normal) ?? [normal];
    return library.model!(words).map((token) => ids.get(token)!);
  };
  const bytes = (id: number): Uint8Array => {
    const token = tokens[id];
    if (token !== undefined) return bytesOf(token);
    if (Number.isSafeInteger(id) && id >= 0) return NO_BYTES;
    throw new RangeError(`no token ${id} among ${tokens.length}`);
  };
  const stream = (): TextStream => {
    const text = new TextDecoder("utf-8", { ignoreBOM: true });
    return {
      push: (id) => text.decode(bytes(id), { stream: true }),
      end: () => text.decode(),
    };
  };
  const role = (key: string, text: string): number => {
    const id = ids.get(text);
    if (id !== undefined) return id;
    throw new UserError(`${source}: no token ${JSON.stringify(text)}, which is the ${key}`);
  };
  const stops = [
    ...(roles.endOfTurn === undefined ? [] : [role("end of a turn", roles.endOfTurn)]),
    ...(roles.stops ?? []),
  ];
  const endOfTurn = stops[0];
  if (endOfTurn === undefined) {
    throw new UserError(
      `${source}: nothing says which token ends a turn`,
      "tokenizer_config.json names it as eos_token, generation_config.json as eos_token_id",
    );
  }
  return {
    vocabularySize: tokens.length,
    endOfTurn,
    stops: new Set(stops),
    pad: roles.pad === undefined ? endOfTurn : role("padding", roles.pad),
    idOf: (token) => addedTokens.ids.get(token) ?? ids.get(writtenAs(token)),
    isAdded: (id) => addedTokens.has(id),
    encode,
    encodeMarkup: (text, guard) => addedTokens.encode(text, guard, encode),
    breakUp: (text, guard) => addedTokens.breakUp(text, guard),
    stream,
    decode: (sequence) => decodeWith(stream(), sequence),
  };
}

function open(definition: object, source: string): Library {
  try {
    return new Library(definition, {});
  } catch (error) {
    throw new UserError(`${source}: cannot be read: ${(error as Error).message}`);
  }
}

/** Token → id; every id is used once, and no byte is missing. */
function vocabularyOf(vocab: unknown, source: string): Map<string, number> {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) {
    throw new UserError(`${source}: model.vocab: expected an object of token → id`);
  }
  const ids = new Map<string, number>();
  const used = new Set<number>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!Number.isSafeInteger(id) || id < 0 || id > MAX_ID || used.has(id)) {
      throw new UserError(
        `${source}: model.vocab ${JSON.stringify(token)}: found ${JSON.stringify(id)}, allowed: an id of its own`,
      );
    }
    used.add(id);
    ids.set(token, id);
  }
  const missing = BYTE_CHARACTERS.findIndex((character) => !ids.has(character));
  if (missing >= 0) throw new UserError(`${source}: model.vocab: no token for byte ${missing}`);
  return ids;
}

/** An added token may stand in the vocabulary, as itself. */
function addTo(
  ids: Map<string, number>,
  tokens: string[],
  { id, content }: z.output<typeof AddedToken>,
  where: string,
): void {
  const [text, own] = [tokens[id] ?? content, ids.get(content) ?? id];
  if (text !== content || own !== id) {
    const instead = text === content ? `in model.vocab ${own}` : `which is ${JSON.stringify(text)}`;
    throw new UserError(`${where}: ${JSON.stringify(content)} has id ${id}, ${instead}`);
  }
  ids.set(content, id);
  tokens[id] = content;
}

/** Both parts of a merge and what they become are tokens. */
function checkMerges(merges: unknown, ids: ReadonlyMap<string, number>, source: string): void {
  if (!Array.isArray(merges)) throw new UserError(`${source}: model.merges: expected a list`);
  for (const [index, merge] of merges.entries()) {
    const [left, right, more] = Array.isArray(merge) ? merge : String(merge).split(" ");
    const sound = more === undefined && ids.has(left) && ids.has(right) && ids.has(left + right);
    if (sound) continue;
    const found = JSON.stringify(merge).slice(0, 60);
    throw new UserError(`${source}: model.merges[${index}]: expected two tokens, found ${found}`);
  }
}

const NO_BYTES = new Uint8Array();

/** The character that stands for each byte: itself where it can be seen, else one from U+0100 on. */
const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
  const seen = (byte: number) =>
    (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte <= 0xff && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(seen(byte) ? byte : next++));
}

const BYTE_OF: ReadonlyMap<string, number> = new Map(BYTE_CHARACTERS.map((c, byte) => [c, byte]));
const UTF8 = new TextEncoder();

/** A token with a character that stands for no byte is its own text. */
function bytesOf(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF.get(token[i]!);
    if (byte === undefined) return UTF8.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}

/** A text as the vocabulary spells it. */
function writtenAs(text: string): string {
  return Array.from(UTF8.encode(text), (byte) => BYTE_CHARACTERS[byte]!).join("");
}
