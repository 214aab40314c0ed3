/** `value_head.safetensors` beside a model or an adapter: a critic, which no other program reads with the weights. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { writeFailure } from "../core/text-file.ts";
import { finiteTensors } from "./finite-tensors.ts";
import { checkedSource } from "./model-tensors.ts";
import { openSafetensors } from "./safetensors.ts";
import type { NamedTensor, TensorSource } from "./tensor-source.ts";
import { valueHeadLayout } from "./value-head.ts";
import { safetensorsChunks } from "./write-safetensors.ts";

const FILE = "value_head.safetensors";

/**
 * The value head in a directory; undefined where there is none.
 * @throws UserError naming the tensor that does not fit a model of this width
 */
export function readValueHead(directory: string, width: number): TensorSource | undefined {
  const path = join(directory, FILE);
  if (!existsSync(path)) return undefined;
  const { parameters } = valueHeadLayout(width);
  const file = openSafetensors(path);
  const fail = (problem: string): never => {
    file[Symbol.dispose]();
    throw new UserError(`${path}: ${problem}`, "is it a value head of another model?");
  };
  for (const { name, shape } of parameters.values()) {
    const found = file.tensors.get(name)?.shape;
    if (!found) fail(`no tensor "${name}"`);
    if (found?.join() !== shape.join()) {
      fail(`"${name}" is (${found?.join(", ")}), the model asks for (${shape.join(", ")})`);
    }
  }
  for (const name of file.tensors.keys()) {
    if (!parameters.has(name)) fail(`"${name}" has no place in a value head`);
  }
  return checkedSource(() => file);
}

/** A value head's tensors as its file holds them. */
export function valueHeadTensors(head: TensorSource, width: number): NamedTensor[] {
  return [...valueHeadLayout(width).parameters.values()].map(({ name, shape }) => ({
    name,
    shape,
    pieces: () => [
      head.read(
        name,
        0,
        shape.reduce((product, size) => product * size, 1),
      ),
    ],
  }));
}

/**
 * Writes a value head into a directory that is there.
 * @returns SHA-256 of the file, by its name
 * @throws BrokenPolicyError naming a tensor that is not finite
 */
export async function writeValueHead(
  directory: string,
  tensors: readonly NamedTensor[],
): Promise<Record<string, string>> {
  const path = join(directory, FILE);
  try {
    const hash = await writeDurably(path, safetensorsChunks(finiteTensors(tensors)));
    syncDirectory(directory);
    return { [FILE]: hash };
  } catch (error) {
    throw writeFailure(path, error);
  }
}
