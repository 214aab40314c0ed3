import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { tokenEntropy } from "../src/ops/entropy.ts";
import { tokenEntropy as entropyOf, tokenLogProb } from "../test/reference/entropy.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import {
  type Benchmark,
  compareSampled,
  type Prepared,
  type Suite,
  uniform,
  whole,
} from "./benchmark.ts";

export const entropy: Suite = {
  name: "entropy",
  plan: (size) => [
    tokenEntropyOf(512, 1024),
    ...(size === "gpu" ? [tokenEntropyOf(64, 151_936), tokenEntropyOf(512, 151_936)] : []),
  ],
};

/** Per logit: the running maximum, an exponential, and two multiply-adds. */
const FLOPS_PER_LOGIT = 6;

function tokenEntropyOf(rows: number, cols: number): Benchmark {
  return {
    name: "token-entropy",
    shape: `${rows}×${cols}`,
    bytes: 4 * rows * (cols + 4),
    flops: FLOPS_PER_LOGIT * rows * cols,
    prepare: (gpu, scope) => prepare(gpu, scope, rows, cols),
  };
}

function prepare(gpu: Gpu, scope: Scope, rows: number, cols: number): Prepared {
  const temperature = 0.7;
  const logits = uniform(gpu, scope, "logits", [rows, cols], [-4, 4]);
  const tokens = whole(gpu, scope, "tokens", rows, (row) => (row * 7919) % cols);
  const logProb = scope.f32("log-probability", [rows]);
  const out = scope.f32("entropy", [rows]);
  const lse = scope.f32("lse", [rows]);
  const io = { logits: logits.tensor, tokens: tokens.tensor, logProb, entropy: out, lse };
  const record = (pass: Pass) => tokenEntropy(pass, io, { rows, cols, temperature });
  const row = (i: number) => logits.values.subarray(i * cols, (i + 1) * cols);
  const expected = [
    { of: out, at: (i: number) => entropyOf(row(i), temperature) },
    { of: logProb, at: (i: number) => tokenLogProb(row(i), tokens.values[i]!, temperature) },
  ].map((one) => ({ ...one, tolerance: TOLERANCE.reduction }));
  return { check: () => compareSampled(gpu, record, expected), work: { record } };
}
