/**
 * Low-rank adapters (arXiv 2106.09685) in plain f64: slow, obvious, the authority.
 *
 *   W′ = W + s · B·A       A (rank, in), B (out, rank)
 *   s  = alpha / rank, or alpha / √rank where rank-stabilised (arXiv 2312.03732)
 *
 * A and B stand under their PEFT names, with its prefix or without: `…q_proj.lora_A.weight` adapts `…q_proj.weight`.
 */

import type { Parameters } from "./qwen2.ts";

export interface AdapterScale {
  readonly rank: number;
  readonly alpha: number;
  readonly rankStabilised: boolean;
}

/** The parameters with every adapted matrix replaced by its sum. */
export function withAdapter(
  parameters: Parameters,
  adapter: Parameters,
  { rank, alpha, rankStabilised }: AdapterScale,
): Parameters {
  const scale = alpha / (rankStabilised ? Math.sqrt(rank) : rank);
  const merged = new Map(parameters);
  for (const [name, a] of adapter) {
    if (!name.endsWith(".lora_A.weight")) continue;
    const target = name.replace("base_model.model.", "").replace(".lora_A.weight", ".weight");
    const b = adapter.get(name.replace(".lora_A.", ".lora_B."));
    const w = merged.get(target);
    if (!b || !w) throw new Error(`${name} adapts nothing`);
    const inner = a.length / rank;
    const sum = Float64Array.from(w);
    for (let i = 0; i < sum.length; i++) {
      const [row, column] = [Math.floor(i / inner), i % inner];
      for (let r = 0; r < rank; r++) {
        sum[i]! += scale * b[row * rank + r]! * a[r * inner + column]!;
      }
    }
    merged.set(target, sum);
  }
  return merged;
}
