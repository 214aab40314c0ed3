/**
 * The words of the `compact` format as a tokenizer.json: commands, replies, numbers, and the classes of
 * everything that the release's rooms hold.
 */
import { SPECIAL, wordLevelJson } from "../word-level-json.ts";
import { facts } from "./facts.ts";
import { READ_WORDS, WRITTEN_WORDS } from "./format-compact.ts";

/** Among the 107 scenes of the release no class has more. */
const LARGEST_NUMBER = 30;

/** The tokens by id: special, commands, replies, numbers, then classes in alphabetical order. */
export function vocabulary(): string[] {
  const { receptacles, fixed, objects } = facts();
  const rooms = [receptacles, fixed, objects].flatMap((table) => [...table.values()]);
  const classes = rooms.flatMap((types) => [...types.keys()]).map((type) => type.toLowerCase());
  const numbers = Array.from({ length: LARGEST_NUMBER }, (_, index) => `${index + 1}`);
  const words = ["\n", ",", ...WRITTEN_WORDS, ...READ_WORDS, ...numbers, ...classes.sort()];
  return [...new Set([...SPECIAL, ...words])];
}

/** The text of the tokenizer.json. */
export function tokenizerJson(): string {
  return wordLevelJson(vocabulary());
}
