/** Adapters in the PEFT layout: `adapter_config.json` and `adapter_model.safetensors`. */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { syncDirectory, writeDurably } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { readText, writeFailure } from "../core/text-file.ts";
import { validate } from "../core/validate.ts";
import type { ModelConfig } from "./config.ts";
import { finiteTensors } from "./finite-tensors.ts";
import { ONE_SLAB } from "./layout.ts";
import { adapterLayout, LORA_TARGETS, type LoraConfig } from "./lora.ts";
import { checkedSource } from "./model-tensors.ts";
import { openSafetensors } from "./safetensors.ts";
import type { NamedTensor, TensorSource } from "./tensor-source.ts";
import { safetensorsChunks } from "./write-safetensors.ts";

const CONFIG_FILE = "adapter_config.json";
const WEIGHTS_FILE = "adapter_model.safetensors";

/** An adapter as its files hold it. */
export interface AdapterFiles {
  readonly config: LoraConfig;
  readonly weights: TensorSource;
}

const nothing = z.union([z.null(), z.literal(false), z.array(z.never()), z.strictObject({})]);

/** What changes the result and is not computed here must be absent; the rest is PEFT's own bookkeeping. */
const PeftJson = z.looseObject({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string().nullish(),
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  target_modules: z.array(z.enum(LORA_TARGETS)).min(1),
  use_rslora: z.boolean().default(false),
  use_dora: z.literal(false).default(false),
  bias: z.literal("none").default("none"),
  fan_in_fan_out: z.literal(false).default(false),
  rank_pattern: nothing.default(null),
  alpha_pattern: nothing.default(null),
  modules_to_save: nothing.default(null),
  layers_to_transform: nothing.default(null),
  alora_invocation_tokens: nothing.default(null),
  use_qalora: z.literal(false).default(false),
  // PiSSA, OLoRA and others begin by changing the base weights.
  init_lora_weights: z
    .union([z.boolean(), z.enum(["gaussian", "orthogonal", "eva"])])
    .default(true),
});

/** Whether a directory holds an adapter and no model of its own. */
export function isAdapterDirectory(path: string): boolean {
  return existsSync(join(path, CONFIG_FILE)) && !existsSync(join(path, "config.json"));
}

function readConfig(path: string): z.output<typeof PeftJson> {
  const file = join(path, CONFIG_FILE);
  return validate(PeftJson, parseJson(readText(file), file), file);
}

/** The model that an adapter belongs to. @throws UserError when it does not say */
export function baseOfAdapter(path: string): string {
  const base = readConfig(path).base_model_name_or_path;
  const fail = (found: string): never => {
    const file = join(path, CONFIG_FILE);
    throw new UserError(
      `${file}: base_model_name_or_path: ${found}`,
      "set it to the directory of the model that the adapter was trained on",
    );
  };
  if (!base) return fail("expected a model directory, found nothing");
  if (base.startsWith("builtin:")) return base;
  // As the caller sees it, else beside the adapter.
  const found = [base, join(path, base)].find(
    (place) => existsSync(join(place, "config.json")) || isAdapterDirectory(place),
  );
  if (found === undefined) return fail(`there is no model in ${base}`);
  if (isAdapterDirectory(found)) return fail(`${base} is an adapter itself`);
  return found;
}

/** Rank, scale and targets alone. @throws UserError naming the key where the adapter is not one of ours */
export function readAdapterConfig(path: string): LoraConfig {
  const { r, lora_alpha, use_rslora, target_modules } = readConfig(path);
  return {
    ...{ rank: r, alpha: lora_alpha, rankStabilised: use_rslora },
    targets: LORA_TARGETS.filter((target) => target_modules.includes(target)),
  };
}

/** @throws UserError naming key or tensor where the adapter is not one of ours, or does not fit the model */
export function readAdapterDirectory(path: string, model: ModelConfig): AdapterFiles {
  const config = readAdapterConfig(path);
  const { parameters } = adapterLayout(model, config, ONE_SLAB);
  const file = openSafetensors(join(path, WEIGHTS_FILE));
  const fail = (problem: string): never => {
    file[Symbol.dispose]();
    throw new UserError(`${file.file}: ${problem}`, "is it an adapter of another model?");
  };
  for (const { name, shape } of parameters.values()) {
    const found = file.tensors.get(name)?.shape;
    if (!found) fail(`no tensor "${name}"`);
    if (found?.join() !== shape.join()) {
      fail(`"${name}" is (${found?.join(", ")}), the model asks for (${shape.join(", ")})`);
    }
  }
  for (const name of file.tensors.keys()) {
    if (!parameters.has(name)) fail(`"${name}" has no place in this adapter of this model`);
  }
  return { config, weights: checkedSource(() => file) };
}

/** An adapter's tensors as its file holds them. */
export function adapterTensors(
  model: ModelConfig,
  { config, weights }: AdapterFiles,
): NamedTensor[] {
  const { parameters } = adapterLayout(model, config, ONE_SLAB);
  return [...parameters.values()].map(({ name, shape }) => ({
    name,
    shape,
    pieces: () => [
      weights.read(
        name,
        0,
        shape.reduce((product, size) => product * size, 1),
      ),
    ],
  }));
}

/**
 * Writes an adapter; PEFT loads it unchanged.
 * @returns SHA-256 of every file, by its name
 * @throws BrokenPolicyError naming a tensor that is not finite
 */
export async function writeAdapterDirectory(
  path: string,
  { rank, alpha, rankStabilised, targets }: LoraConfig,
  base: string,
  tensors: readonly NamedTensor[],
): Promise<Record<string, string>> {
  const json = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    // An adapter may be opened from anywhere.
    base_model_name_or_path: base.startsWith("builtin:") ? base : resolve(base),
    r: rank,
    lora_alpha: alpha,
    use_rslora: rankStabilised,
    target_modules: targets,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
  };
  const hashes: Record<string, string> = {};
  try {
    mkdirSync(path, { recursive: true });
    const text = Buffer.from(`${JSON.stringify(json, null, 2)}\n`);
    hashes[CONFIG_FILE] = await writeDurably(join(path, CONFIG_FILE), [text]);
    const chunks = safetensorsChunks(finiteTensors(tensors));
    hashes[WEIGHTS_FILE] = await writeDurably(join(path, WEIGHTS_FILE), chunks);
    syncDirectory(path);
  } catch (error) {
    throw writeFailure(path, error);
  }
  return hashes;
}
