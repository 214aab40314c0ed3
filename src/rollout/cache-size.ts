import { blocksFor } from "../model/block-pool.ts";
import type { ModelConfig } from "../model/config.ts";
import { blockBytes, layerBlockBytes } from "../model/generator-memory.ts";

/**
 * Blocks of a cache for so many rows, as if the opening and the world's answers were as long as turns. That
 * is a guess: rows wait when it is too low. One episode of the model's longest has room in any case, unless
 * the bytes end before.
 * @param bytes `budget`: what the cache may take; `largest`: what one buffer holds
 */
export function cacheBlocks(
  config: ModelConfig,
  play: { rows: number; maxTurns: number; maxTokensPerTurn: number },
  bytes: { budget: number; largest: number },
): number {
  const guess = 2 * (play.maxTurns + 1) * play.maxTokensPerTurn;
  const perRow = blocksFor(Math.min(guess, config.maxPositions));
  const wanted = Math.max(play.rows * perRow, blocksFor(config.maxPositions));
  // Beside the blocks of sequences the cache has a spare one.
  const affordable = Math.floor(bytes.budget / blockBytes(config)) - 1;
  const bindable = Math.floor(bytes.largest / layerBlockBytes(config)) - 1;
  return Math.max(Math.min(wanted, affordable, bindable), 1);
}
