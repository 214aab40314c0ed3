import type { Scope } from "../gpu/memory.ts";
import { type Tensor, view } from "../gpu/tensor.ts";
import { TOKENS_PER_BLOCK } from "../ops/transformer/attention.ts";
import { type Activations, allocateActivations } from "./activations.ts";
import type { ModelConfig } from "./config.ts";
import type { Model } from "./model.ts";
import { TILE_WORDS } from "./packing.ts";

/** What a generator has room for. */
export interface GeneratorSize {
  /** The most tokens that one call feeds; longer prompts go in pieces. */
  readonly tokens: number;
  /** The most sequences that draw in one call. */
  readonly rows: number;
  /** The most tokens that a sequence draws in one call. */
  readonly draws: number;
  /** Blocks of the key-value cache, of TOKENS_PER_BLOCK tokens each. */
  readonly blocks: number;
}

/** What one of the draws of a call reads and writes; arrays have one entry per drawing sequence. */
export interface DrawMemory {
  readonly seeds: Tensor;
  readonly token: Tensor;
  readonly logProb: Tensor;
  readonly entropy: Tensor;
  /** Of the token drawn before: what it is, where it stands, where its keys go, what it sees. */
  readonly fed: { tokens: Tensor; positions: Tensor; slots: Tensor; tiles: Tensor } | undefined;
}

/** All memory of a generator. */
export interface GeneratorMemory {
  readonly size: GeneratorSize;
  /** Rows of the arrays for drawing: `size.rows`, rounded up to what can be bound. */
  readonly stride: number;
  readonly activations: Activations;
  /** Tiles of the tokens that were fed alone; the others' are in the activations. */
  readonly singleTiles: Tensor;
  readonly slots: Tensor;
  /** Blocks of all sequences of a call. */
  readonly table: Tensor;
  readonly caches: readonly Tensor[];
  readonly lastRows: Tensor;
  readonly hidden: Tensor;
  readonly normed: Tensor;
  readonly scale: Tensor;
  readonly logits: Tensor;
  /** Uploaded before a call, DRAW_WORDS numbers per draw and row; read back after it, DRAWN_WORDS. */
  readonly plan: Tensor;
  readonly drawn: Tensor;
  readonly draws: readonly DrawMemory[];
}

/** Words per row of a draw's plan: position, slot, tile, seed and index of the draw. */
export const DRAW_WORDS = 4 + TILE_WORDS;
/** Words per row that a draw leaves: token, log-probability, entropy. */
export const DRAWN_WORDS = 3;

/** Bytes of one block of the cache, in all layers. */
export function blockBytes(config: ModelConfig): number {
  return config.layers * layerBlockBytes(config);
}

/** Bytes of one block in one layer; one buffer holds a layer. */
export function layerBlockBytes({ keyHeads, headDim }: ModelConfig): number {
  return TOKENS_PER_BLOCK * 2 * keyHeads * headDim * 4;
}

export function allocateGenerator(
  scope: Scope,
  { config, adapter }: Pick<Model, "config" | "adapter">,
  size: GeneratorSize,
): GeneratorMemory {
  const stride = Math.ceil(size.rows / 64) * 64;
  const rank = adapter?.config.rank ?? 0;
  const plan = scope.u32("draw plan", [size.draws, DRAW_WORDS, stride]);
  const drawn = scope.u32("drawn", [size.draws, DRAWN_WORDS, stride]);
  const part = (tensor: Tensor, words: number, draw: number, word: number, width = 1) =>
    view(tensor, (draw * words + word) * stride, [stride, width]);
  const token = (draw: number) => part(drawn, DRAWN_WORDS, draw, 0);
  const slots = (size.blocks + 1) * TOKENS_PER_BLOCK;
  const kvWidth = 2 * config.keyHeads * config.headDim;
  return {
    size,
    stride,
    activations: allocateActivations(scope, config, {
      capacity: size.tokens,
      keep: "nothing",
      rank,
    }),
    singleTiles: scope.u32("single tiles", [size.tokens * TILE_WORDS]),
    slots: scope.u32("cache slots", [size.tokens]),
    table: scope.u32("cache blocks", [size.blocks + 1]),
    caches: Array.from({ length: config.layers }, (_, layer) =>
      scope.f32(`key-value cache ${layer}`, [slots, kvWidth]),
    ),
    lastRows: scope.u32("last rows", [stride]),
    hidden: scope.f32("last hidden", [stride, config.width]),
    normed: scope.f32("last normed", [stride, config.width]),
    scale: scope.f32("last scale", [stride]),
    logits: scope.f32("last logits", [stride, config.vocabulary]),
    plan,
    drawn,
    draws: Array.from({ length: size.draws }, (_, draw) => ({
      seeds: part(plan, DRAW_WORDS, draw, 2 + TILE_WORDS, 2),
      token: token(draw),
      logProb: part(drawn, DRAWN_WORDS, draw, 1),
      entropy: part(drawn, DRAWN_WORDS, draw, 2),
      fed:
        draw === 0
          ? undefined
          : {
              tokens: token(draw - 1),
              positions: part(plan, DRAW_WORDS, draw, 0),
              slots: part(plan, DRAW_WORDS, draw, 1),
              tiles: part(plan, DRAW_WORDS, draw, 2, TILE_WORDS),
            },
    })),
  };
}
