import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { packGroups } from "../src/model/packing.ts";
import {
  type AttentionShape,
  attentionBackward,
  attention as attentionForward,
  defineAttention,
} from "../src/ops/transformer/attention.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import { type AttentionInputs, attentionReference } from "./attention-reference.ts";
import {
  type Benchmark,
  compareSampled,
  type Prepared,
  type Suite,
  uniform,
  whole,
} from "./benchmark.ts";

interface Size {
  readonly sequences: number;
  readonly length: number;
  readonly shape: AttentionShape;
}

const SMALL: Size = {
  sequences: 8,
  length: 256,
  shape: { heads: 4, keyHeads: 2, headDim: 32 },
};

/** Qwen2.5-0.5B. */
const LARGE: Size = {
  sequences: 8,
  length: 1024,
  shape: { heads: 14, keyHeads: 2, headDim: 64 },
};

/** Multiply-adds per query, visible key and number of a head, times two. */
const FLOPS = { attention: 4, "attention-backward-queries": 6, "attention-backward-keys": 8 };
type Kind = keyof typeof FLOPS;
const KINDS = Object.keys(FLOPS) as Kind[];

export const attention: Suite = {
  name: "attention",
  plan: (size) =>
    (size === "gpu" ? [SMALL, LARGE] : [SMALL]).flatMap((one) =>
      KINDS.map((kind) => benchmark(kind, one)),
    ),
};

function benchmark(kind: Kind, size: Size): Benchmark {
  const { sequences, length, shape } = size;
  const { heads, keyHeads, headDim } = shape;
  const rows = sequences * length;
  const pairs = ((sequences * (length * (length + 1))) / 2) * heads;
  const queries = heads * headDim;
  const keys = 2 * keyHeads * headDim;
  // Numbers per row: queries, keys and values in; out, or gradients of out in and of one of the two out.
  const numbers = {
    attention: 2 * queries + keys + heads,
    "attention-backward-queries": 4 * queries + keys + 2 * heads,
    "attention-backward-keys": 2 * queries + 2 * keys + 2 * heads,
  };
  return {
    name: kind,
    shape: `${sequences}×${length}×${heads}/${keyHeads}×${headDim}`,
    bytes: 4 * rows * numbers[kind],
    flops: FLOPS[kind] * pairs * headDim,
    prepare: (gpu, scope) => prepare(gpu, scope, kind, size),
  };
}

function prepare(gpu: Gpu, scope: Scope, kind: Kind, { sequences, length, shape }: Size): Prepared {
  const { heads, keyHeads, headDim } = shape;
  const rows = sequences * length;
  const member = Array.from({ length }, () => 0);
  const packed = packGroups(
    Array.from({ length: sequences }, () => ({ prefix: [], members: [member] })),
  );
  const stride = (heads + 2 * keyHeads) * headDim;
  const qkv = uniform(gpu, scope, "qkv", [rows, stride]);
  const outGrad = uniform(gpu, scope, "out gradient", [rows, heads * headDim]);
  const tile = (label: string, words: Uint32Array) =>
    whole(gpu, scope, label, words.length, (i) => words[i]!).tensor;
  const tiles = tile("tiles", packed.tiles);
  const queryTiles = tile("query tiles", packed.backwardTiles);
  const keyTiles = tile("key tiles", packed.keyTiles);
  const out = scope.f32("out", [rows, heads * headDim]);
  const lse = scope.f32("lse", [rows, heads]);
  const qkvGrad = scope.f32("qkv gradient", [rows, stride]);
  const delta = scope.f32("delta", [rows, heads]);
  const kernels = defineAttention(shape);
  const forward = (pass: Pass) =>
    attentionForward(pass, kernels, { qkv: qkv.tensor, tiles, out, lse }, packed.tiles.length / 6);
  const backward = (pass: Pass) =>
    attentionBackward(
      pass,
      kernels,
      { qkv: qkv.tensor, out, lse, outGrad: outGrad.tensor, qkvGrad, delta, queryTiles, keyTiles },
      { queries: packed.backwardTiles.length / 6, keys: packed.keyTiles.length / 3 },
    );
  const inputs: AttentionInputs = { shape, length, qkv: qkv.values, outGrad: outGrad.values };
  const reference = attentionReference(inputs);
  if (kind === "attention") {
    const expected = { of: out, at: reference.out, tolerance: TOLERANCE.reduction };
    return { check: () => compareSampled(gpu, forward, [expected]), work: { record: forward } };
  }
  const both = (pass: Pass) => {
    forward(pass);
    backward(pass);
  };
  const expected = { of: qkvGrad, at: reference.qkvGrad, tolerance: TOLERANCE.gradient };
  return {
    check: () => compareSampled(gpu, both, [expected]),
    work: { record: backward, kernel: kind },
  };
}
