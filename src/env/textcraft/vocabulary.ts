/**
 * The word-level vocabulary of TextCraft's `compact` format, written as a Hugging Face tokenizer.json:
 * every word of every item and tag, the numbers 1 to 99, and the words of commands and replies.
 */
import { REPLY_WORDS } from "./format.ts";
import { type RecipeBook, readable } from "./recipe-book.ts";

const SPECIAL = ["<pad>", "<unk>"];
const COMMAND_WORDS = ["\n", ",", "get", "craft", "using", "inventory", "goal"];
const LARGEST_NUMBER = 99;

/** Words are what stands between spaces; a newline and a comma are words of their own. */
const WORD = "[^ ,\\n\\r\\t]+|,|\\n";

/** The tokens by id: special, commands, replies, numbers, then item words in alphabetical order. */
export function vocabularyOf({ items, tags }: RecipeBook): string[] {
  const names = [...items, ...tags].flatMap((id) => readable(id).split(" "));
  const numbers = Array.from({ length: LARGEST_NUMBER }, (_, index) => `${index + 1}`);
  const fixed = [...SPECIAL, ...COMMAND_WORDS, ...REPLY_WORDS, ...numbers];
  return [...new Set([...fixed, ...names.sort()])];
}

/** The text of the tokenizer.json. */
export function tokenizerJson(book: RecipeBook): string {
  const vocabulary = vocabularyOf(book);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const content = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((token, id) => ({ id, content: token, ...flags, special: true })),
    normalizer: null,
    pre_tokenizer: {
      ...{ type: "Split", pattern: { Regex: WORD }, behavior: "Removed", invert: true },
    },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      unk_token: "<unk>",
    },
  };
  return `${JSON.stringify(content, null, 1)}\n`;
}
