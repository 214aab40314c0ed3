/**
 * How long texts are, for the limits. A world knows no model, so without a tokenizer of one it counts words in
 * pieces of at most ten letters, and marks; every character of a script without spaces is a piece.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../../core/text-file.ts";
import { readModelText } from "../../text/model-text.ts";
import { UNSPACED } from "./cut-points.ts";

export type CountTokens = (text: string) => number;

const PIECE = new RegExp(
  `[${UNSPACED}]|[[\\p{L}\\p{N}\\p{M}]--[${UNSPACED}]]{1,10}|[^\\s\\p{L}\\p{N}\\p{M}]`,
  "gv",
);

export const countPieces: CountTokens = (text) => {
  let count = 0;
  for (const _ of text.matchAll(PIECE)) count++;
  return count;
};

/**
 * Counts as a model does.
 * @param directory the model's; only its files about text are read
 * @throws UserError for what cannot be read
 */
export function tokenizerCount(directory: string): CountTokens {
  const optional = (name: string) => {
    const path = join(directory, name);
    return existsSync(path) ? readText(path) : undefined;
  };
  const files = {
    tokenizer: readText(join(directory, "tokenizer.json")),
    tokenizerConfig: optional("tokenizer_config.json"),
    generationConfig: optional("generation_config.json"),
  };
  const { tokenizer } = readModelText(files, directory);
  return (text) => tokenizer.encode(text).length;
}
