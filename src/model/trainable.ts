import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type AdamwOptions, adamw } from "../ops/optimizer/adamw.ts";
import { gradNorm, gradNormBlocks } from "../ops/optimizer/grad-norm.ts";
import { roundToHalf } from "../ops/optimizer/round-to-half.ts";
import { type Arena, allocateArena, copyArena, upload, zeroArena } from "./arena.ts";
import { adapterParts } from "./lora.ts";
import type { Model } from "./model.ts";
import type { Gradients } from "./projection.ts";
import type { TensorSource } from "./tensor-source.ts";
import type { ValueHead } from "./value-head.ts";
import { weightsOf } from "./weights.ts";

/** Numbers that AdamW moves, with what moves them. */
type Moved = Pick<ValueHead, "weights" | "grads" | "moments">;

/**
 * What training moves, in single precision, with its gradients and moments: the adapter where the model has
 * one, else all weights. Half-precision weights have a single-precision original here, since at a learning
 * rate of 1e-6 they would not move.
 */
export class Trainable {
  readonly weights: Arena;
  /** First and second moments of the gradient. */
  readonly moments: { readonly m: Arena; readonly v: Arena };
  /** Where the backward pass adds. */
  readonly gradients: Gradients;
  /** Trained with the policy, where there is a critic: its gradient counts in the norm, its rate is its own. */
  readonly valueHead: ValueHead | undefined;
  /** Global gradient norm of the last update, and the factor that clipped it. */
  readonly norm: Tensor;
  readonly #grads: Arena;
  readonly #partial: Tensor;
  /** What forward passes read, where that is not `weights` itself. */
  readonly #rounded: Arena | undefined;

  constructor(scope: Scope, { config, arena, half, adapter }: Model, valueHead?: ValueHead) {
    const { layout } = adapter?.arena ?? arena;
    const original = half && !adapter;
    this.weights = original
      ? allocateArena(scope, "weights (f32)", layout)
      : (adapter?.arena ?? arena);
    this.#rounded = original ? arena : undefined;
    this.#grads = allocateArena(scope, "gradients", layout);
    this.moments = {
      m: allocateArena(scope, "first moments", layout),
      v: allocateArena(scope, "second moments", layout),
    };
    this.gradients = adapter
      ? { adapter: adapterParts(this.#grads, config, adapter.config) }
      : { weights: weightsOf(this.#grads, config) };
    this.valueHead = valueHead;
    this.norm = scope.f32("gradient norm", [2]);
    const lengths = this.#allGrads.map(({ length }) => length);
    this.#partial = scope.f32("squared sums", [gradNormBlocks(lengths)]);
  }

  /** `weights` are not what forward passes read, so they have to be loaded too. */
  get apart(): boolean {
    return this.#rounded !== undefined;
  }

  /** The gradients gathered so far: for tests and for inspection. */
  get grads(): Arena {
    return this.#grads;
  }

  /** Puts numbers in the place of the weights. */
  async load(gpu: Gpu, source: TensorSource): Promise<void> {
    await upload(gpu, this.weights, source);
    gpu.submit((pass) => this.#round(pass));
  }

  /** One AdamW update with the gradients gathered so far, which are then forgotten. @param valueRate of the value head */
  step(pass: Pass, maxNorm: number, options: AdamwOptions, valueRate?: number): void {
    const { moments, valueHead } = this;
    gradNorm(pass, { grads: this.#allGrads, partial: this.#partial, result: this.norm }, maxNorm);
    this.#move(pass, { weights: this.weights, grads: this.#grads, moments }, options);
    if (valueHead) {
      const { learningRate } = options;
      this.#move(pass, valueHead, { ...options, learningRate: valueRate ?? learningRate });
    }
    this.#round(pass);
    this.discard(pass);
  }

  /** What the norm runs over. */
  get #allGrads(): readonly Tensor[] {
    return [...this.#grads.slabs, ...(this.valueHead?.grads.slabs ?? [])];
  }

  #move(pass: Pass, { weights, grads, moments }: Moved, options: AdamwOptions): void {
    weights.layout.slabs.forEach(({ length, decayed }, i) => {
      const [m, v] = [moments.m.slabs[i]!, moments.v.slabs[i]!];
      const io = { grad: grads.slabs[i]!, clip: this.norm, m, v, w: weights.slabs[i]! };
      adamw(pass, io, { first: 0, count: decayed }, options);
      const rest = { first: decayed, count: length - decayed };
      adamw(pass, io, rest, { ...options, weightDecay: 0 });
    });
  }

  /** Forgets the gradients gathered so far. */
  discard(pass: Pass): void {
    zeroArena(pass, this.#grads);
    if (this.valueHead) zeroArena(pass, this.valueHead.grads);
  }

  /** Runs `work` with other weights; between updates the gradients' room keeps the trained ones. */
  async with(gpu: Gpu, source: TensorSource, work: () => Promise<void>): Promise<void> {
    gpu.submit((pass) => copyArena(pass, this.weights, this.#grads));
    try {
      await this.load(gpu, source);
      await work();
    } finally {
      gpu.submit((pass) => {
        copyArena(pass, this.#grads, this.weights);
        this.#round(pass);
        this.discard(pass);
      });
    }
  }

  #round(pass: Pass): void {
    this.#rounded?.slabs.forEach((half, i) => {
      const single = this.weights.slabs[i]!;
      if (half.type === "f16") roundToHalf(pass, { single, half });
      else pass.copy(single, half);
    });
  }
}
