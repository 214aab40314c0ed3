import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { readText } from "../core/text-file.ts";
import type { ModelConfig } from "./config.ts";
import { firstNonFinite } from "./finite-tensors.ts";
import { type Part, parameterPlans } from "./layout.ts";
import { openSafetensors, type Safetensors } from "./safetensors.ts";
import { piecesOf, type TensorSource } from "./tensor-source.ts";

const Index = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

const TWO_CHECKPOINTS = "these files are from two checkpoints; download both again";

/** The weight files of a directory, open; the caller disposes of them. One file goes before shards, as in transformers. */
export function openWeightFiles(directory: string): Safetensors[] {
  const indexPath = join(directory, "model.safetensors.index.json");
  const single = join(directory, "model.safetensors");
  if (existsSync(single) || !existsSync(indexPath)) return [openSafetensors(single)];
  const map = readWeightMap(indexPath);
  const shards: Safetensors[] = [];
  try {
    for (const name of new Set(map.values())) {
      const shard = openSafetensors(join(directory, name));
      shards.push(shard);
      for (const tensor of shard.tensors.keys()) {
        if (map.get(tensor) === name) continue;
        throw new UserError(`${shard.file}: "${tensor}" is not in ${indexPath}`, TWO_CHECKPOINTS);
      }
      for (const [tensor, place] of map) {
        if (place !== name || shard.tensors.has(tensor)) continue;
        const problem = `${shard.file}: no tensor "${tensor}", which ${indexPath} places there`;
        throw new UserError(problem, TWO_CHECKPOINTS);
      }
    }
    return shards;
  } catch (error) {
    for (const shard of shards) shard[Symbol.dispose]();
    throw error;
  }
}

/** Tensor to file. File names are names only: an index must not lead out of its directory. */
function readWeightMap(path: string): ReadonlyMap<string, string> {
  const json = parseJson(readText(path), path);
  const parsed = Index.safeParse(json);
  if (!parsed.success) throw new UserError(`${path}: weight_map: expected an object of strings`);
  const map = new Map(Object.entries(parsed.data.weight_map));
  if (map.size === 0) throw new UserError(`${path}: weight_map names no tensors`);
  for (const [tensor, file] of map) {
    if (/^[^/\\\0]+\.safetensors$/.test(file)) continue;
    const found = JSON.stringify(file);
    throw new UserError(`${path}: "${tensor}": expected NAME.safetensors, found ${found}`);
  }
  return map;
}

/**
 * The numbers of a model's files, which stay open; every name and shape is checked here, the numbers when they are read.
 * @param configFile what messages call the file `config` comes from
 * @throws UserError naming the tensor that is missing, unknown or of another shape
 */
export function fileSource(
  files: readonly Safetensors[],
  config: ModelConfig,
  configFile: string,
): TensorSource {
  const places = new Map(files.flatMap((file) => [...file.tensors.keys()].map((n) => [n, file])));
  // A layout is as long as config.json says; no file has fewer tensors than layers.
  if (config.layers > places.size) {
    const found = `${files[0]?.file}: ${places.size} tensors`;
    const problem = `${found}, ${configFile} says ${config.layers} layers`;
    throw new UserError(problem, TWO_CHECKPOINTS);
  }
  const parts = parameterPartsOf(config);
  requireAll(parts, places, files, config, configFile);
  requireTied(places, config, configFile);
  return checkedSource((name) => places.get(name)!);
}

/** Some tools write a tied output projection all the same; it must then be the embedding. */
function requireTied(
  places: ReadonlyMap<string, Safetensors>,
  { tied, vocabulary, width }: ModelConfig,
  configFile: string,
): void {
  const head = places.get("lm_head.weight");
  if (!tied || !head) return;
  const embedding = places.get("model.embed_tokens.weight")!;
  const shape = head.tensors.get("lm_head.weight")!.shape.join(", ");
  const same = (start: number, end: number) =>
    Buffer.compare(
      Buffer.from(head.read("lm_head.weight", start, end).buffer),
      Buffer.from(embedding.read("model.embed_tokens.weight", start, end).buffer),
    ) === 0;
  const equal =
    shape === `${vocabulary}, ${width}` &&
    [...piecesOf(vocabulary * width)].every(([start, end]) => same(start, end));
  if (equal) return;
  throw new UserError(
    `${head.file}: "lm_head.weight" is not the embedding, which ${configFile} says it is tied to`,
    'set "tie_word_embeddings": false there',
  );
}

/** The numbers of files, looked at as they are read. @throws UserError from `read`, naming the tensor that is not finite */
export function checkedSource(fileOf: (name: string) => Safetensors): TensorSource {
  return {
    read(name, start, end) {
      const file = fileOf(name);
      const values = file.read(name, start, end);
      const at = firstNonFinite(values);
      if (at < 0) return values;
      const problem = `${file.file}: "${name}" holds ${values[at]} at element ${start + at}`;
      throw new UserError(problem, "the training that wrote it diverged; take an earlier one");
    },
  };
}

/** The tensors that a model's files hold. */
function parameterPartsOf(config: ModelConfig): Part[] {
  return parameterPlans(config).flatMap(({ parts, shape }) =>
    parts.map(({ name, rows }) => ({ name, firstRow: 0, shape: [rows, ...shape.slice(1)] })),
  );
}

function requireAll(
  parts: readonly Part[],
  places: ReadonlyMap<string, Safetensors>,
  files: readonly Safetensors[],
  config: ModelConfig,
  configFile: string,
): void {
  const missing = parts.filter(({ name }) => !places.has(name));
  if (missing.length > 0) {
    const first = missing[0]!.name;
    const hint =
      first === "lm_head.weight"
        ? `set "tie_word_embeddings": true in ${configFile} if the embedding is the output projection`
        : TWO_CHECKPOINTS;
    const count =
      missing.length === 1 ? "" : ` (and ${missing.length - 1} more of ${parts.length})`;
    throw new UserError(`${files[0]?.file}: no tensor "${first}"${count}`, hint);
  }
  for (const { name, shape } of parts) {
    const file = places.get(name)!;
    const found = file.tensors.get(name)!.shape;
    if (found.length === shape.length && found.every((size, i) => size === shape[i])) continue;
    const numbers = `is (${found.join(", ")}), ${configFile} asks for (${shape.join(", ")})`;
    throw new UserError(`${file.file}: "${name}" ${numbers}`, TWO_CHECKPOINTS);
  }
  const expected = new Set(parts.map(({ name }) => name));
  // Some tools write a tied output projection twice.
  if (config.tied) expected.add("lm_head.weight");
  for (const [name, file] of places) {
    if (expected.has(name)) continue;
    const problem = `${file.file}: "${name}" has no place in the model of ${configFile}`;
    const hint = /^model\.layers\.\d+\./.test(name) || name === "lm_head.weight";
    throw new UserError(problem, hint ? TWO_CHECKPOINTS : "is it a Qwen2 model without adapters?");
  }
}
