/**
 * The word-level vocabulary of TextCraft's `compact` format, written as a Hugging Face tokenizer.json:
 * every word of every item and tag, the numbers 1 to 99, and the words of commands and replies.
 */
import { SPECIAL, wordLevelJson } from "../word-level-json.ts";
import { REPLY_WORDS } from "./format.ts";
import { type RecipeBook, readable } from "./recipe-book.ts";

const COMMAND_WORDS = ["\n", ",", "get", "craft", "using", "inventory", "goal"];
const LARGEST_NUMBER = 99;

/** The tokens by id: special, commands, replies, numbers, then item words in alphabetical order. */
export function vocabularyOf({ items, tags }: RecipeBook): string[] {
  const names = [...items, ...tags].flatMap((id) => readable(id).split(" "));
  const numbers = Array.from({ length: LARGEST_NUMBER }, (_, index) => `${index + 1}`);
  const fixed = [...SPECIAL, ...COMMAND_WORDS, ...REPLY_WORDS, ...numbers];
  return [...new Set([...fixed, ...names.sort()])];
}

/** The text of the tokenizer.json. */
export function tokenizerJson(book: RecipeBook): string {
  return wordLevelJson(vocabularyOf(book));
}
