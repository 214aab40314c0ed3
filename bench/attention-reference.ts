import type { AttentionShape } from "../src/ops/transformer/attention.ts";
import { remember } from "./benchmark.ts";

/** Sequences of equal length, one after another, each seeing only itself. */
export interface AttentionInputs {
  readonly shape: AttentionShape;
  readonly length: number;
  /** (T, (heads + 2·keyHeads)·headDim): queries, keys, values. */
  readonly qkv: Float32Array;
  /** (T, heads·headDim). */
  readonly outGrad: Float32Array;
}

/**
 * Causal attention and its gradient in f64, one number at a time, p = softmax(scale · q·k):
 *   out = Σ_j p_j v_j     dq = scale · Σ_j p_j (do·v_j − δ) k_j,  δ = Σ_j p_j (do·v_j)
 *   dv_j = Σ_q p_j do     dk_j = scale · Σ_q p_j (do·v_j − δ) q      over the queries and heads that see j
 */
export function attentionReference({ shape, length, qkv, outGrad }: AttentionInputs) {
  const { heads, keyHeads, headDim } = shape;
  const stride = (heads + 2 * keyHeads) * headDim;
  const group = heads / keyHeads;
  const scale = 1 / Math.sqrt(headDim);
  const query = (row: number, head: number) => row * stride + head * headDim;
  const key = (row: number, head: number) => query(row, heads) + Math.floor(head / group) * headDim;
  const value = (row: number, head: number) => key(row, head) + keyHeads * headDim;
  const grad = (row: number, head: number) => (row * heads + head) * headDim;
  const dot = (a: Float32Array, i: number, b: Float32Array, j: number) => {
    let sum = 0;
    for (let d = 0; d < headDim; d++) sum += a[i + d]! * b[j + d]!;
    return sum;
  };

  /** p and dLoss / dscore of one query and head, over its sequence's keys. */
  const queryRow = remember((id) => {
    const [row, head] = [Math.floor(id / heads), id % heads];
    const start = row - (row % length);
    const count = row - start + 1;
    const scores = Array.from(
      { length: count },
      (_, j) => scale * dot(qkv, query(row, head), qkv, key(start + j, head)),
    );
    const largest = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    const p = scores.map((score) => Math.exp(score - largest) / total);
    const pull = p.map((_, j) => dot(outGrad, grad(row, head), qkv, value(start + j, head)));
    const delta = p.reduce((sum, pj, j) => sum + pj * pull[j]!, 0);
    return { start, p, slope: p.map((pj, j) => scale * pj * (pull[j]! - delta)) };
  });

  const out = (index: number): number => {
    const [row, column] = [Math.floor(index / (heads * headDim)), index % (heads * headDim)];
    const [head, d] = [Math.floor(column / headDim), column % headDim];
    const { start, p } = queryRow(row * heads + head);
    return p.reduce((sum, pj, j) => sum + pj * qkv[value(start + j, head) + d]!, 0);
  };

  const qkvGrad = (index: number): number => {
    const [row, column] = [Math.floor(index / stride), index % stride];
    const [slot, d] = [Math.floor(column / headDim), column % headDim];
    if (slot < heads) {
      const { start, slope } = queryRow(row * heads + slot);
      return slope.reduce((sum, s, j) => sum + s * qkv[key(start + j, slot) + d]!, 0);
    }
    const isKey = slot < heads + keyHeads;
    const keyHead = isKey ? slot - heads : slot - heads - keyHeads;
    const end = row - (row % length) + length;
    let sum = 0;
    for (let q = row; q < end; q++) {
      for (let head = keyHead * group; head < (keyHead + 1) * group; head++) {
        const { start, p, slope } = queryRow(q * heads + head);
        const j = row - start;
        sum += isKey ? slope[j]! * qkv[query(q, head) + d]! : p[j]! * outGrad[grad(q, head) + d]!;
      }
    }
    return sum;
  };
  return { out, qkvGrad };
}
