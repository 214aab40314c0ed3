import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { AdamwOptions } from "../ops/optimizer/adamw.ts";
import type { EntropyBonus } from "../ops/policy-gradients.ts";
import { indexTokens } from "../ops/transformer/embedding.ts";
import { type Activations, allocateActivations } from "./activations.ts";
import { allocateBackward, type BackwardScratch, backward } from "./backward.ts";
import { forwardPacked } from "./forward.ts";
import { allocateHead, type Chunk, type Head, headBackward, headForward } from "./head.ts";
import type { Model } from "./model.ts";
import { type Packed, packGroups } from "./packing.ts";
import { Trainable } from "./trainable.ts";
import { allocateValueHead, type ValueHead, valueForward } from "./value-head.ts";

/** The positions of a packed batch whose next token counts. */
export interface Targets {
  /** Rows of the batch, no row twice. */
  readonly rows: Uint32Array;
  /** The token that follows each. */
  readonly tokens: Uint32Array;
  /** The temperature the tokens were sampled at. */
  readonly temperature: number;
}

/** Turns a chunk of head.logProb into head.weight = dLoss / dlogProb. */
export type Loss = (pass: Pass, chunk: Chunk) => void;

/** Rows of the batch that is recorded to learn which kernels training needs: more than decoding feeds at once. */
const WARM_TOKENS = 64;

export interface TrainerSize {
  /** The most tokens of a micro-batch. */
  readonly capacity: number;
  /** Keep each layer's input alone and compute the rest again for the backward pass. */
  readonly recompute: boolean;
  /** Train a critic beside the policy. */
  readonly valueHead?: boolean;
}

/** What a trainer takes on the device. */
export function allocateTrainer(
  scope: Scope,
  model: Model,
  { capacity, recompute, valueHead = false }: TrainerSize,
) {
  const rank = model.adapter?.config.rank ?? 0;
  const value = valueHead ? allocateValueHead(scope, model.config.width, capacity) : undefined;
  return {
    activations: allocateActivations(scope, model.config, {
      ...{ capacity, keep: recompute ? "inputs" : "all", rank },
    }),
    scratch: allocateBackward(scope, model.config, { capacity, rank }),
    head: allocateHead(scope, model.config, capacity),
    trainable: new Trainable(scope, model, value),
  };
}

/** Forward and backward passes over micro-batches of up to `capacity` tokens, and the updates that follow. */
export class Trainer {
  readonly head: Head;
  readonly capacity: number;
  /** What the updates move. */
  readonly trainable: Trainable;
  readonly #gpu: Gpu;
  readonly #model: Model;
  readonly #activations: Activations;
  readonly #scratch: BackwardScratch;

  constructor(
    gpu: Gpu,
    scope: Scope,
    model: Model,
    capacity: number,
    recompute = false,
    valueHead = false,
  ) {
    const size = { capacity, recompute, valueHead };
    const { activations, scratch, head, trainable } = allocateTrainer(scope, model, size);
    this.#gpu = gpu;
    this.#model = model;
    this.capacity = capacity;
    this.#activations = activations;
    this.#scratch = scratch;
    this.head = head;
    this.trainable = trainable;
  }

  /** Global gradient norm of the last update, and the factor that clipped it. */
  get norm(): Tensor {
    return this.trainable.norm;
  }

  /** The critic, where there is one. */
  get valueHead(): ValueHead | undefined {
    return this.trainable.valueHead;
  }

  /**
   * Fills head.logProb and head.entropy for the targets, and the critic's values; nothing flows back.
   * @param model another of the same shape, of which the critic says nothing
   */
  score(batch: Packed, targets: Targets, model: Model = this.#model): void {
    this.#upload(batch, targets);
    this.#gpu.submit((pass) => {
      forwardPacked(pass, model, this.#activations, batch);
      const size = { count: targets.rows.length, temperature: targets.temperature };
      headForward(pass, model, this.#activations.output, this.head, size);
      const { valueHead } = this;
      if (!valueHead || model !== this.#model) return;
      const { normed } = this.head;
      const rows = { rows: size.count, width: model.config.width };
      valueForward(pass, valueHead, { normed, value: valueHead.value }, rows);
    });
  }

  /**
   * Adds a micro-batch's gradient; `loss` turns a chunk of head.logProb into head.weight = dLoss / dlogProb.
   * @param bonus its weights lie as head.weight does
   * @param valueLoss turns a chunk of valueHead.value into valueHead.valueGrad; absent: the critic learns nothing
   */
  accumulate(
    batch: Packed,
    targets: Targets,
    loss: Loss,
    bonus?: EntropyBonus,
    valueLoss?: Loss,
  ): void {
    const uniqueTokens = this.#upload(batch, targets);
    const { length: count } = targets.rows;
    const size = { count, temperature: targets.temperature, uniqueTokens };
    this.#gpu.submit((pass) => this.#gradient(pass, batch, size, loss, bonus, valueLoss));
  }

  /** One optimizer step with the gradients gathered so far, which are then forgotten. */
  step(maxNorm: number, options: AdamwOptions, valueRate?: number): void {
    this.#gpu.submit((pass) => this.trainable.step(pass, maxNorm, options, valueRate));
  }

  /** Compiles in parallel what `accumulate` and `step` will ask for. */
  async warm(loss: Loss, options: AdamwOptions, valueLoss?: Loss): Promise<void> {
    const member = Array.from({ length: WARM_TOKENS }, () => 0);
    const batch = packGroups([{ prefix: [], members: [member] }]);
    const size = { count: WARM_TOKENS, temperature: 1, uniqueTokens: 1 };
    await this.#gpu.warm((pass) => {
      this.#gradient(pass, batch, size, loss, undefined, valueLoss);
      this.trainable.step(pass, 1, options);
    });
  }

  #gradient(
    pass: Pass,
    batch: Packed,
    size: { count: number; temperature: number; uniqueTokens: number },
    loss: Loss,
    bonus?: EntropyBonus,
    valueLoss?: Loss,
  ): void {
    const { output } = this.#activations;
    const { residual } = this.#scratch;
    forwardPacked(pass, this.#model, this.#activations, batch);
    const { gradients } = this.trainable;
    const io = { output, head: this.head, grads: gradients.weights, residualGrad: residual };
    const { valueHead } = this;
    const critic = valueHead && valueLoss && { head: valueHead, loss: valueLoss };
    headBackward(pass, this.#model, io, size, (chunk) => loss(pass, chunk), bonus, critic);
    const flow = [this.#activations, this.#scratch, gradients] as const;
    backward(pass, this.#model, ...flow, batch, size.uniqueTokens);
  }

  /** Forgets the gradients gathered so far. */
  discard(): void {
    this.#gpu.submit((pass) => this.trainable.discard(pass));
  }

  #upload(batch: Packed, targets: Targets): number {
    const a = this.#activations;
    const s = this.#scratch;
    const index = indexTokens(batch.tokens);
    const uploads: [Tensor, Uint32Array][] = [
      [a.tokens, batch.tokens],
      [a.positions, batch.positions],
      [a.tiles, batch.tiles],
      [s.queryTiles, batch.backwardTiles],
      [s.keyTiles, batch.keyTiles],
      [s.tokenIds, index.ids],
      [s.tokenOffsets, index.offsets],
      [s.tokenRows, index.rowsOf],
      [this.head.rows, targets.rows],
      [this.head.targets, targets.tokens],
    ];
    for (const [tensor, values] of uploads) this.#gpu.write(tensor, values);
    return index.ids.length;
  }
}
