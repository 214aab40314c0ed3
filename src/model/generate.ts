import { invariant, UserError } from "../core/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import { type Tensor, view } from "../gpu/tensor.ts";
import { cachedAttention, storeKeys } from "../ops/transformer/attention.ts";
import { rmsNorm } from "../ops/transformer/rms-norm.ts";
import { gatherRows } from "../ops/transformer/rows.ts";
import { type SamplingOptions, sample } from "../ops/transformer/sample.ts";
import { BlockPool } from "./block-pool.ts";
import { BrokenPolicyError } from "./broken-policy.ts";
import { type Attend, forward } from "./forward.ts";
import {
  type Batch,
  cutIntoCalls,
  type Extension,
  layOut,
  type Portion,
} from "./generation-batch.ts";
import {
  allocateGenerator,
  DRAWN_WORDS,
  type GeneratorMemory,
  type GeneratorSize,
} from "./generator-memory.ts";
import { projectToLogits } from "./head.ts";
import type { Model } from "./model.ts";
import { TILE_WORDS } from "./packing.ts";

/** A sampled token, with what the distribution it came from says of it (nats). */
export interface Drawn {
  readonly token: number;
  readonly logProb: number;
  readonly entropy: number;
}

/**
 * Generation for many sequences at once, over one cache of keys and values. What a sequence draws depends
 * neither on its neighbours, nor on where its blocks lie, nor on how many tokens it draws in one call.
 */
export class Generator {
  /** Who has which part of the cache. */
  readonly pool: BlockPool;
  readonly size: GeneratorSize;
  readonly #gpu: Gpu;
  readonly #model: Model;
  readonly #memory: GeneratorMemory;

  constructor(gpu: Gpu, scope: Scope, model: Model, size: GeneratorSize) {
    this.#gpu = gpu;
    this.#model = model;
    this.size = size;
    this.pool = new BlockPool(size.blocks);
    this.#memory = allocateGenerator(scope, model, size);
  }

  /**
   * Feeds every extension's tokens and draws where asked; results are in the order of the drawing extensions.
   * Only the tokens of `pieces` count as used: whoever goes on from the n-th draw adds n − 1 to `own.used`.
   */
  async extend(extensions: readonly Extension[], sampling: SamplingOptions): Promise<Drawn[][]> {
    for (const { own, pieces, draw } of extensions) {
      const ahead = draw ? draw.count - 1 : 0;
      invariant(ahead < this.size.draws, `${ahead + 1} draws in one call`);
      const tokens = pieces.reduce((sum, piece) => sum + piece.length, own.used + ahead);
      if (!this.pool.grow(own, tokens)) throw this.#full(this.pool.lacking(own, tokens));
    }
    const results: Drawn[][] = [];
    for (const call of cutIntoCalls(extensions, this.size)) {
      results.push(...(await this.#call(call, sampling)));
    }
    return results;
  }

  #full(lacking: number): UserError {
    const { count, free } = this.pool;
    return new UserError(
      `the key-value cache has ${count} blocks; ${count - free} are taken and ${lacking} more are needed`,
      "lower the number of rows or of turns",
    );
  }

  async #call(call: readonly Portion[], sampling: SamplingOptions): Promise<Drawn[][]> {
    const memory = this.#memory;
    const batch = layOut(call, memory.stride);
    if (batch.tokens.length === 0) return [];
    const { activations } = memory;
    this.#upload(activations.tokens, batch.tokens);
    this.#upload(activations.positions, batch.positions);
    this.#upload(activations.tiles, batch.tiles);
    this.#upload(memory.singleTiles, batch.singleTiles);
    this.#upload(memory.slots, batch.slots);
    this.#upload(memory.table, batch.table);
    this.#upload(memory.lastRows, batch.lastRows);
    this.#upload(memory.plan, batch.plan);
    this.#gpu.submit((pass) => this.#record(pass, batch, sampling));
    return batch.draws === 0 ? [] : await this.#read(batch);
  }

  #upload(tensor: Tensor, values: Uint32Array): void {
    if (values.length > 0) this.#gpu.write(tensor, values);
  }

  /** The fed tokens and the first draw; then each draw's token goes in where the next one is drawn. */
  #record(pass: Pass, batch: Batch, sampling: SamplingOptions): void {
    const { activations, slots, singleTiles, lastRows, hidden, draws } = this.#memory;
    const rows = batch.tokens.length;
    const drawing = batch.lastRows.length;
    const tiles = [
      { tiles: activations.tiles, count: batch.tiles.length / TILE_WORDS, single: false },
      { tiles: singleTiles, count: batch.singleTiles.length / TILE_WORDS, single: true },
    ];
    forward(pass, this.#model, activations, rows, this.#attend(slots, rows, tiles));
    if (drawing === 0) return;
    const { width } = this.#model.config;
    const all = rows === drawing;
    if (!all) {
      gatherRows(
        pass,
        { x: activations.output, rows: lastRows, out: hidden },
        { count: drawing, width },
      );
    }
    this.#draw(pass, 0, drawing, all ? activations.output : hidden, sampling);
    for (let draw = 1; draw < batch.draws; draw++) {
      const { tokens, positions, slots: next, tiles: seen } = draws[draw]!.fed!;
      const single = [{ tiles: seen, count: drawing, single: true }];
      const attend = this.#attend(next, drawing, single);
      forward(pass, this.#model, { ...activations, tokens, positions }, drawing, attend);
      this.#draw(pass, draw, drawing, activations.output, sampling);
    }
  }

  #attend(
    slots: Tensor,
    rows: number,
    kinds: readonly { tiles: Tensor; count: number; single: boolean }[],
  ): Attend {
    const { attention } = this.#model;
    const { caches, table } = this.#memory;
    return (pass, layer, { qkv, attended, lse }) => {
      const cache = caches[layer]!;
      storeKeys(pass, attention.shape, { qkv, slots, cache }, rows);
      for (const { tiles, count, single } of kinds) {
        if (count === 0) continue;
        const io = { qkv, cache, table, tiles, out: attended, lse };
        cachedAttention(pass, attention, io, { tiles: count, single });
      }
    };
  }

  /** A token for each of the first `rows` rows of x, the residual stream after the last layer. */
  #draw(pass: Pass, draw: number, rows: number, x: Tensor, sampling: SamplingOptions): void {
    const { config, weights } = this.#model;
    const { normed, scale, logits, draws } = this.#memory;
    const { width, vocabulary, epsilon } = config;
    rmsNorm(pass, { x, weight: weights.finalNorm, y: normed, scale }, { rows, width, epsilon });
    projectToLogits(pass, this.#model, normed, logits, rows);
    const { seeds, token, logProb, entropy } = draws[draw]!;
    const io = { logits, seeds, token, logProb, entropy };
    sample(pass, io, { rows, cols: vocabulary, ...sampling });
  }

  async #read({ draws, counts }: Batch): Promise<Drawn[][]> {
    const { drawn, stride } = this.#memory;
    const { vocabulary } = this.#model.config;
    const part = view(drawn, 0, [draws * DRAWN_WORDS * stride]);
    const bits = (await this.#gpu.read(part)) as Uint32Array;
    const numbers = new Float32Array(bits.buffer);
    return counts.map((count, row) =>
      Array.from({ length: count }, (_, draw) => {
        const at = draw * DRAWN_WORDS * stride + row;
        const token = bits[at]!;
        const [logProb, entropy] = [numbers[at + stride]!, numbers[at + 2 * stride]!];
        const sound = token < vocabulary && Number.isFinite(logProb) && Number.isFinite(entropy);
        if (!sound) throw new BrokenPolicyError("the model's logits are not finite numbers");
        return { token, logProb, entropy };
      }),
    );
  }
}
