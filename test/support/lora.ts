/** Adapters in plain f64: what a low-rank adapter adds to the weights it stands beside. */

import { randomFrom, seedFor } from "../../src/core/random.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { initialAdapter, type LoraConfig } from "../../src/model/lora.ts";
import type { HostTensors } from "../../src/model/tensor-source.ts";

/** An adapter that changes something: neither factor is zero. */
export function someAdapter(config: ModelConfig, lora: LoraConfig, seed = 5): HostTensors {
  const tensors = initialAdapter(config, lora, seed);
  for (const [name, values] of tensors) {
    const random = randomFrom(seedFor(seed, "some-adapter", name));
    for (let i = 0; i < values.length; i++) values[i] = 0.5 * (2 * random.uniform() - 1);
  }
  return tensors;
}

/** W + s·B·A for every target; the rest as it is. */
export function merged(
  weights: ReadonlyMap<string, Float64Array>,
  adapter: ReadonlyMap<string, ArrayLike<number>>,
  { rank, alpha, rankStabilised }: LoraConfig,
): Map<string, Float64Array> {
  const scale = alpha / (rankStabilised ? Math.sqrt(rank) : rank);
  const result = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  for (const [name, a] of adapter) {
    const target = /^base_model\.model\.(.*)\.lora_A\.weight$/.exec(name)?.[1];
    if (target === undefined) continue;
    const b = adapter.get(name.replace("lora_A", "lora_B"))!;
    const w = result.get(`${target}.weight`)!;
    const inner = a.length / rank;
    for (let row = 0; row < b.length / rank; row++) {
      for (let column = 0; column < inner; column++) {
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += b[row * rank + r]! * a[r * inner + column]!;
        w[row * inner + column]! += scale * sum;
      }
    }
  }
  return result;
}
