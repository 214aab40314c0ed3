/**
 * Low-rank adapters (Hu et al. 2021, arXiv 2106.09685):   y = x·Wᵀ + s·(x·Aᵀ)·Bᵀ
 *   A (rank, inner), B (rows, rank) beside every target; s = alpha / rank, or alpha / √rank when rank-stabilised
 *   (arXiv 2312.03732). B begins at zero, so that a fresh adapter changes nothing. W is frozen.
 */
import { randomFrom, seedFor } from "../core/random.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { linear, linearBackwardInput, linearBackwardWeight } from "../ops/transformer/matmul.ts";
import { type Arena, allocateArena, parameterOf } from "./arena.ts";
import type { ModelConfig } from "./config.ts";
import { type Layout, type LayoutLimits, onePart, placePlans } from "./layout.ts";
import type { ProjectionName } from "./projection.ts";
import type { HostTensors } from "./tensor-source.ts";

/** The linear layers of Qwen2 by their names in files, and which rows of which projection they are. */
export const LORA_TARGETS = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

export interface LoraConfig {
  readonly rank: number;
  readonly alpha: number;
  /** s = alpha / √rank in place of alpha / rank. */
  readonly rankStabilised: boolean;
  readonly targets: readonly LoraTarget[];
}

/** One adapter: A (rank, inner) and B (rows, rank), which adds to columns [firstRow, firstRow + rows) of a projection. */
export interface AdapterPart {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly rank: number;
  readonly firstRow: number;
  readonly rows: number;
}

export type LayerAdapters = Readonly<Record<ProjectionName, readonly AdapterPart[]>>;

/** The adapters of a model. */
export interface Adapter {
  readonly config: LoraConfig;
  readonly scale: number;
  readonly arena: Arena;
  readonly layers: readonly LayerAdapters[];
}

interface TargetPlace {
  readonly projection: ProjectionName;
  /** The module's path inside a layer, as files name it. */
  readonly module: string;
  readonly inner: number;
  readonly firstRow: number;
  readonly rows: number;
}

function placeOf(config: ModelConfig, target: LoraTarget): TargetPlace {
  const { width, innerWidth, heads, keyHeads, headDim } = config;
  const queries = heads * headDim;
  const keys = keyHeads * headDim;
  const place = (
    projection: ProjectionName,
    block: string,
    inner: number,
    firstRow: number,
    rows: number,
  ) => ({ projection, module: `${block}.${target}`, inner, firstRow, rows });
  switch (target) {
    case "q_proj":
      return place("qkv", "self_attn", width, 0, queries);
    case "k_proj":
      return place("qkv", "self_attn", width, queries, keys);
    case "v_proj":
      return place("qkv", "self_attn", width, queries + keys, keys);
    case "o_proj":
      return place("output", "self_attn", queries, 0, width);
    case "gate_proj":
      return place("gateUp", "mlp", width, 0, innerWidth);
    case "up_proj":
      return place("gateUp", "mlp", width, innerWidth, innerWidth);
    case "down_proj":
      return place("down", "mlp", innerWidth, 0, width);
  }
}

/** PEFT's name of one factor. */
function factorName(layer: number, module: string, factor: "A" | "B"): string {
  return `base_model.model.model.layers.${layer}.${module}.lora_${factor}.weight`;
}

/** Where the factors lie; all of them are decayed, as PEFT's users have it. */
export function adapterLayout(
  config: ModelConfig,
  lora: LoraConfig,
  { slabElements }: LayoutLimits,
): Layout {
  const plans = Array.from({ length: config.layers }, (_, layer) =>
    lora.targets.flatMap((target) => {
      const { module, inner, rows } = placeOf(config, target);
      return [
        onePart(factorName(layer, module, "A"), [lora.rank, inner]),
        onePart(factorName(layer, module, "B"), [rows, lora.rank]),
      ];
    }),
  ).flat();
  return placePlans(plans, { slabElements, split: false });
}

/** Names the windows of an arena of adapterLayout: adapters, or their gradients. */
export function adapterParts(
  arena: Arena,
  config: ModelConfig,
  { rank, targets }: LoraConfig,
): LayerAdapters[] {
  return Array.from({ length: config.layers }, (_, layer) => {
    const parts: Record<ProjectionName, AdapterPart[]> = {
      ...{ qkv: [], output: [], gateUp: [], down: [] },
    };
    for (const target of targets) {
      const { projection, module, firstRow, rows } = placeOf(config, target);
      const factor = (letter: "A" | "B") => parameterOf(arena, factorName(layer, module, letter));
      parts[projection].push({ a: factor("A"), b: factor("B"), rank, firstRow, rows });
    }
    return parts;
  });
}

/** Every target of an adapter: the weight it stands beside and its factors, by their names in files. */
export function adapterTargets(config: ModelConfig, { targets }: LoraConfig) {
  return Array.from({ length: config.layers }, (_, layer) =>
    targets.map((target) => {
      const { module, inner, rows } = placeOf(config, target);
      return {
        weight: `model.layers.${layer}.${module}.weight`,
        a: factorName(layer, module, "A"),
        b: factorName(layer, module, "B"),
        inner,
        rows,
      };
    }),
  ).flat();
}

/** Room for a model's adapter; it is zero, so it changes nothing. */
export function allocateAdapter(
  scope: Scope,
  limits: LayoutLimits,
  model: ModelConfig,
  config: LoraConfig,
): Adapter {
  const arena = allocateArena(scope, "adapter", adapterLayout(model, config, limits));
  return { config, scale: loraScale(config), arena, layers: adapterParts(arena, model, config) };
}

export function loraScale({ rank, alpha, rankStabilised }: LoraConfig): number {
  return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
}

/** Fresh factors: A uniform in ±1/√inner as PEFT's Kaiming rule gives it, B zero. */
export function initialAdapter(config: ModelConfig, lora: LoraConfig, seed: number): HostTensors {
  const tensors = new Map<string, Float32Array<ArrayBuffer>>();
  for (let layer = 0; layer < config.layers; layer++) {
    for (const target of lora.targets) {
      const { module, inner, rows } = placeOf(config, target);
      const name = factorName(layer, module, "A");
      const random = randomFrom(seedFor(seed, "initial-adapter", name));
      const bound = 1 / Math.sqrt(inner);
      const draw = () => bound * (2 * random.uniform() - 1);
      tensors.set(name, Float32Array.from({ length: lora.rank * inner }, draw));
      tensors.set(factorName(layer, module, "B"), new Float32Array(rows * lora.rank));
    }
  }
  return tensors;
}

interface AdapterSize {
  readonly rows: number;
  readonly inner: number;
  /** Width of the projection that the part is a window of. */
  readonly cols: number;
  readonly scale: number;
}

/** y's columns of the part += scale · (x·Aᵀ)·Bᵀ; low (rows, rank) is left holding x·Aᵀ. */
export function addAdapter(
  pass: Pass,
  { a, b, rank, firstRow, rows: width }: AdapterPart,
  { x, y, low }: { x: Tensor; y: Tensor; low: Tensor },
  { rows, inner, cols, scale }: AdapterSize,
): void {
  linear(pass, { x, w: a, y: low }, { rows, inner, cols: rank });
  const into = { at: firstRow, stride: cols };
  const size = { rows, inner: rank, cols: width, accumulate: true, scale, into };
  linear(pass, { x: low, w: b, y }, size);
}

/** xGrad is added to, and so are the gradients of A and B where there are any; low and lowGrad (rows, rank) are scratch. */
export function adapterBackward(
  pass: Pass,
  { a, b, rank, firstRow, rows: width }: AdapterPart,
  grad: AdapterPart | undefined,
  io: { x: Tensor; yGrad: Tensor; xGrad: Tensor; low: Tensor; lowGrad: Tensor },
  { rows, inner, cols, scale }: AdapterSize,
): void {
  const { x, yGrad, xGrad, low, lowGrad } = io;
  const from = { at: firstRow, stride: cols };
  const outer = { rows, inner: rank, cols: width, scale, from };
  linearBackwardInput(pass, { yGrad, w: b, xGrad: lowGrad }, outer);
  if (grad) {
    linear(pass, { x, w: a, y: low }, { rows, inner, cols: rank });
    linearBackwardWeight(pass, { yGrad, x: low, wGrad: grad.b }, outer);
    linearBackwardWeight(pass, { yGrad: lowGrad, x, wGrad: grad.a }, { rows, inner, cols: rank });
  }
  const back = { rows, inner, cols: rank, accumulate: true };
  linearBackwardInput(pass, { yGrad: lowGrad, w: a, xGrad }, back);
}
