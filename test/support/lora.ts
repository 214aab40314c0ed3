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
