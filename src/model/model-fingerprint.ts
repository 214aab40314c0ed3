/** Whether two models are one, told by a short text. */

import { adapterTensors } from "./adapter-directory.ts";
import type { ModelFiles } from "./directory.ts";
import { fileTensors, type NamedTensor } from "./tensor-source.ts";

/** Numbers of a tensor that are looked at: training changes more than one place of a tensor, and a large model is to be opened at once. */
const LOOKED_AT = 1 << 16;

/**
 * 64 bits of xxHash in hexadecimal digits, over configuration, tokenizer and the beginning of every tensor, an adapter's too.
 * @throws UserError where the weights cannot be read
 */
export function modelFingerprint({ config, weights, tokenizer, adapter }: ModelFiles): string {
  let hash = Bun.hash.xxHash64(JSON.stringify([config, adapter?.config, tokenizer]));
  const tensors = [
    ...fileTensors(config, weights).map((tensor) => ({ tensor, source: weights })),
    ...(adapter ? adapterTensors(config, adapter) : []).map((tensor) => ({
      ...{ tensor, source: adapter!.weights },
    })),
  ];
  for (const { tensor, source } of tensors) {
    const length = Math.min(elements(tensor), LOOKED_AT);
    hash = Bun.hash.xxHash64(`${tensor.name} ${tensor.shape.join(" ")}`, hash);
    hash = Bun.hash.xxHash64(source.read(tensor.name, 0, length), hash);
  }
  return hash.toString(16).padStart(16, "0");
}

function elements({ shape }: NamedTensor): number {
  return shape.reduce((product, size) => product * size, 1);
}
