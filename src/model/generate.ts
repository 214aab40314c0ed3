import { invariant, UserError } from "../core/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { type Tensor, view } from "../gpu/tensor.ts";
import { cachedAttention, QUERIES_PER_TILE, storeKeys } from "../ops/transformer/attention.ts";
import { rmsNorm } from "../ops/transformer/rms-norm.ts";
import { gatherRows } from "../ops/transformer/rows.ts";
import { sample } from "../ops/transformer/sample.ts";
import { type Activations, allocateActivations } from "./activations.ts";
import { BrokenPolicyError } from "./broken-policy.ts";
import { forward } from "./forward.ts";
import { projectToLogits } from "./head.ts";
import type { Model } from "./model.ts";
import { pushQueryTiles, TILE_WORDS } from "./packing.ts";

/** A stretch of the cache that holds the keys and values of one sequence, in order. */
export interface CacheRange {
  readonly start: number;
  readonly capacity: number;
  used: number;
}

/** New tokens of one sequence: what it continues, and whether a token is to be drawn after them. */
export interface Extension {
  readonly tokens: readonly number[];
  readonly own: CacheRange;
  /** Tokens computed once for several sequences, which all of them see first. */
  readonly prefix?: CacheRange;
  /** Where the draw's randomness comes from; absent: nothing is drawn. */
  readonly draw?: { readonly seed: number; readonly index: number };
}

/** A sampled token, with what the distribution it came from says of it (nats). */
export interface Drawn {
  readonly token: number;
  readonly logProb: number;
  readonly entropy: number;
}

export interface SamplingOptions {
  /** 0: always the most likely token. */
  readonly temperature: number;
  readonly topP: number;
}

/** Generation for many sequences at once, over one cache of keys and values. */
export class Generator {
  readonly #gpu: Gpu;
  readonly #model: Model;
  readonly #activations: Activations;
  readonly #caches: readonly Tensor[];
  readonly #slots: Tensor;
  readonly #lastRows: Tensor;
  readonly #head: {
    hidden: Tensor;
    normed: Tensor;
    scale: Tensor;
    logits: Tensor;
    seeds: Tensor;
    drawn: Tensor;
    token: Tensor;
    logProb: Tensor;
    entropy: Tensor;
  };
  readonly #maxDraws: number;
  #nextSlot = 0;
  readonly #cacheSlots: number;

  /**
   * @param size `tokens`: the most that one call feeds; `draws`: the most sequences that draw in one call;
   *   `slots`: tokens the cache holds
   */
  constructor(
    gpu: Gpu,
    scope: Scope,
    model: Model,
    size: { tokens: number; draws: number; slots: number },
  ) {
    const { config } = model;
    const draws = Math.ceil(size.draws / 64) * 64;
    this.#gpu = gpu;
    this.#model = model;
    this.#cacheSlots = size.slots;
    this.#maxDraws = size.draws;
    const rank = model.adapter?.config.rank ?? 0;
    this.#activations = allocateActivations(scope, config, {
      ...{ capacity: size.tokens, keep: false, rank },
    });
    const kvWidth = 2 * config.keyHeads * config.headDim;
    this.#caches = Array.from({ length: config.layers }, (_, layer) =>
      scope.f32(`key-value cache ${layer}`, [size.slots, kvWidth]),
    );
    this.#slots = scope.u32("cache slots", [size.tokens]);
    this.#lastRows = scope.u32("last rows", [draws]);
    const drawn = scope.u32("drawn", [3 * draws]);
    this.#head = {
      hidden: scope.f32("last hidden", [draws, config.width]),
      normed: scope.f32("last normed", [draws, config.width]),
      scale: scope.f32("last scale", [draws]),
      logits: scope.f32("last logits", [draws, config.vocabulary]),
      seeds: scope.u32("draw seeds", [draws, 2]),
      drawn,
      token: view(drawn, 0, [draws]),
      logProb: view(drawn, draws, [draws]),
      entropy: view(drawn, 2 * draws, [draws]),
    };
  }

  /** Reserves room for a sequence of up to `capacity` tokens. */
  reserve(capacity: number): CacheRange {
    if (this.#nextSlot + capacity > this.#cacheSlots) {
      throw new UserError(
        `the key-value cache holds ${this.#cacheSlots} tokens; ${this.#nextSlot + capacity} are needed`,
        "lower rollout.tasks_per_iteration, rollout.group_size or env.max_turns",
      );
    }
    const range = { start: this.#nextSlot, capacity, used: 0 };
    this.#nextSlot += capacity;
    return range;
  }

  /** Forgets all sequences. */
  clear(): void {
    this.#nextSlot = 0;
  }

  /** Feeds every extension's tokens and draws where asked; results are in the order of the drawing extensions. */
  async extend(extensions: readonly Extension[], options: SamplingOptions): Promise<Drawn[]> {
    const batches = this.#split(extensions);
    const results: Drawn[] = [];
    for (const batch of batches) results.push(...(await this.#extendOnce(batch, options)));
    return results;
  }

  /** Cuts the work into calls that fit the activations; a long sequence is fed in several. */
  #split(extensions: readonly Extension[]): Extension[][] {
    const batches: Extension[][] = [[]];
    let rows = 0;
    let draws = 0;
    for (const { tokens, own, prefix, draw } of extensions) {
      invariant(tokens.length > 0 || !draw, "a draw needs a token before it");
      for (let at = 0; at < tokens.length; ) {
        if (rows === this.#activations.capacity || draws === this.#maxDraws) {
          batches.push([]);
          rows = 0;
          draws = 0;
        }
        const room = this.#activations.capacity - rows;
        const part = tokens.slice(at, at + room);
        at += part.length;
        rows += part.length;
        const last = at === tokens.length;
        if (last && draw) draws++;
        batches.at(-1)!.push({
          tokens: part,
          own,
          ...(prefix ? { prefix } : {}),
          ...(last && draw ? { draw } : {}),
        });
      }
    }
    return batches;
  }

  async #extendOnce(batch: readonly Extension[], options: SamplingOptions): Promise<Drawn[]> {
    const gpu = this.#gpu;
    const { config, attention, weights } = this.#model;
    const { rows, tiles, draws, single } = this.#stage(batch);
    if (rows === 0) return [];
    const a = this.#activations;
    const head = this.#head;
    const { width, vocabulary, epsilon } = config;
    gpu.submit((pass) => {
      forward(pass, this.#model, a, rows, (p, layer, { qkv, attended, lse }) => {
        const cache = this.#caches[layer]!;
        storeKeys(p, attention.shape, { qkv, slots: this.#slots, cache }, rows);
        const io = { qkv, cache, tiles: a.tiles, out: attended, lse };
        cachedAttention(p, attention, io, { tiles, single });
      });
      if (draws === 0) return;
      const last = { x: a.output, rows: this.#lastRows, out: head.hidden };
      gatherRows(pass, last, { count: draws, width });
      const norm = { x: head.hidden, weight: weights.finalNorm, y: head.normed, scale: head.scale };
      rmsNorm(pass, norm, { rows: draws, width, epsilon });
      projectToLogits(pass, this.#model, head.normed, head.logits, draws);
      sample(pass, head, { rows: draws, cols: vocabulary, ...options });
    });
    if (draws === 0) return [];
    const bits = (await gpu.read(head.drawn)) as Uint32Array;
    const numbers = new Float32Array(bits.buffer);
    const stride = bits.length / 3;
    return Array.from({ length: draws }, (_, i) => {
      const [token, logProb, entropy] = [bits[i]!, numbers[stride + i]!, numbers[2 * stride + i]!];
      const sound = token < vocabulary && Number.isFinite(logProb) && Number.isFinite(entropy);
      if (!sound) throw new BrokenPolicyError("the model's logits are not finite numbers");
      return { token, logProb, entropy };
    });
  }

  /** Uploads tokens, positions, cache slots and tiles, and takes the slots. */
  #stage(batch: readonly Extension[]) {
    const tokens: number[] = [];
    const positions: number[] = [];
    const slots: number[] = [];
    const tiles: number[] = [];
    const lastRows: number[] = [];
    const seeds: number[] = [];
    const single = batch.every((extension) => extension.tokens.length === 1);
    for (const { tokens: ids, own, prefix, draw } of batch) {
      const before = own.used;
      if (before + ids.length > own.capacity) {
        throw new Error(
          `internal error: ${before + ids.length} tokens in a range of ${own.capacity}`,
        );
      }
      const prefixCount = prefix?.used ?? 0;
      const common = [prefix?.start ?? 0, prefixCount, own.start] as const;
      const size = single ? 1 : QUERIES_PER_TILE;
      pushQueryTiles(tiles, size, tokens.length, ids.length, common, before);
      ids.forEach((id, i) => {
        tokens.push(id);
        positions.push(prefixCount + before + i);
        slots.push(own.start + before + i);
      });
      own.used += ids.length;
      if (draw) {
        lastRows.push(tokens.length - 1);
        seeds.push(draw.seed, draw.index);
      }
    }
    const a = this.#activations;
    const upload = (tensor: Tensor, values: number[]) =>
      values.length > 0 && this.#gpu.write(tensor, Uint32Array.from(values));
    upload(a.tokens, tokens);
    upload(a.positions, positions);
    upload(this.#slots, slots);
    upload(a.tiles, tiles);
    upload(this.#lastRows, lastRows);
    upload(this.#head.seeds, seeds);
    return {
      rows: tokens.length,
      tiles: tiles.length / TILE_WORDS,
      draws: lastRows.length,
      single,
    };
  }
}
