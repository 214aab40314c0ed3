import { invariant } from "../core/errors.ts";
import { type ModelConfig, qkvWidth } from "./config.ts";

/** One tensor of a Hugging Face file: rows [firstRow, firstRow + shape[0]) of a parameter. */
export interface Part {
  readonly name: string;
  readonly firstRow: number;
  readonly shape: readonly number[];
}

/** Rows [firstRow, firstRow + rows) of a parameter, which lie together from element `start` of a slab. */
export interface Block {
  readonly slab: number;
  /** A multiple of 256 bytes, so that it can be bound. */
  readonly start: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** One parameter as the kernels see it: projections that read the same input lie together. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly Part[];
  /** One, unless the parameter is larger than what can be bound. */
  readonly blocks: readonly Block[];
}

/** A stretch of memory that is bound as one: first the numbers that weight decay pulls on. */
export interface Slab {
  /** Elements, padding included. */
  readonly length: number;
  readonly decayed: number;
}

/** Where every parameter lies. */
export interface Layout {
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly slabs: readonly Slab[];
  /** Numbers that are trained. */
  readonly count: number;
}

/** What memory allows. */
export interface LayoutLimits {
  /** The most elements that can be bound at once. */
  readonly slabElements: number;
  /** Matrices and vectors in slabs of their own, since they are kept in different precisions. */
  readonly split: boolean;
}

/** A parameter before it has a place. */
export interface Plan {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly { name: string; rows: number }[];
  readonly decayed: boolean;
}

/** Rows of [length, ...] that a plan's tensor has, as it stands in a file. */
export function onePart(name: string, shape: readonly number[], decayed = true): Plan {
  return { name, shape, parts: [{ name, rows: shape[0]! }], decayed };
}

/** The model's parameters: matrices, then norms and biases. Names as in Qwen2's files; `qkv` and `gate_up` join what transformers keeps apart. */
export function parameterPlans(config: ModelConfig): Plan[] {
  const { vocabulary, width, innerWidth, layers, heads, keyHeads, headDim } = config;
  const keyRows = keyHeads * headDim;
  const qkvParts = (prefix: string, kind: string) =>
    [["q", heads * headDim] as const, ["k", keyRows] as const, ["v", keyRows] as const].map(
      ([letter, rows]) => ({ name: `${prefix}.self_attn.${letter}_proj.${kind}`, rows }),
    );
  const matrices: Plan[] = [onePart("model.embed_tokens.weight", [vocabulary, width])];
  const vectors: Plan[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const mlp = (name: string) => ({ name: `${prefix}.mlp.${name}.weight`, rows: innerWidth });
    const plan = (name: string, shape: number[], parts: Plan["parts"], decayed: boolean) => ({
      ...{ name: `${prefix}.${name}`, shape, parts, decayed },
    });
    matrices.push(
      plan("qkv.weight", [qkvWidth(config), width], qkvParts(prefix, "weight"), true),
      onePart(`${prefix}.self_attn.o_proj.weight`, [width, heads * headDim]),
      plan("gate_up.weight", [2 * innerWidth, width], [mlp("gate_proj"), mlp("up_proj")], true),
      onePart(`${prefix}.mlp.down_proj.weight`, [width, innerWidth]),
    );
    vectors.push(
      plan("qkv.bias", [qkvWidth(config)], qkvParts(prefix, "bias"), false),
      onePart(`${prefix}.input_layernorm.weight`, [width], false),
      onePart(`${prefix}.post_attention_layernorm.weight`, [width], false),
    );
  }
  if (!config.tied) matrices.push(onePart("lm_head.weight", [vocabulary, width]));
  vectors.push(onePart("model.norm.weight", [width], false));
  return [...matrices, ...vectors];
}

/** Where the model's parameters lie in slabs that a device can bind. */
export function parameterLayout(config: ModelConfig, limits: LayoutLimits = ONE_SLAB): Layout {
  return placePlans(parameterPlans(config), limits);
}

/** Everything together, as on a device without limits. */
export const ONE_SLAB: LayoutLimits = { slabElements: Number.POSITIVE_INFINITY, split: false };

/** Blocks begin at multiples of this many elements: 256 bytes of single precision, 512 of half. */
const ALIGNMENT = 64;
const SPLIT_ALIGNMENT = 128;
/** A parameter that is cut is cut after so many rows, whole tiles of every kernel. */
const ROWS_TOGETHER = 64;

/** Gives every plan its place, decayed ones first. */
export function placePlans(plans: readonly Plan[], { slabElements, split }: LayoutLimits): Layout {
  const parameters = new Map<string, Parameter>();
  const slabs: { length: number; decayed: number }[] = [];
  const alignment = split ? SPLIT_ALIGNMENT : ALIGNMENT;
  let count = 0;
  let kind: boolean | undefined;
  const take = (length: number, decayed: boolean) => {
    const size = Math.ceil(length / alignment) * alignment;
    const last = slabs.at(-1);
    const fits = last && last.length + size <= slabElements && !(split && kind !== decayed);
    if (!fits) slabs.push({ length: 0, decayed: 0 });
    kind = decayed;
    const slab = slabs.at(-1)!;
    const start = slab.length;
    slab.length += size;
    if (decayed) slab.decayed = slab.length;
    return { slab: slabs.length - 1, start };
  };
  for (const { name, shape, parts, decayed } of plans) {
    const [rows = 1, ...inner] = shape;
    const rowLength = inner.reduce((product, size) => product * size, 1);
    const most = Math.floor(slabElements / rowLength / ROWS_TOGETHER) * ROWS_TOGETHER;
    const together = rows * rowLength <= slabElements ? rows : most;
    invariant(together > 0, `${name}: ${ROWS_TOGETHER} rows of ${rowLength} are too large to bind`);
    const blocks: Block[] = [];
    for (let firstRow = 0; firstRow < rows; firstRow += together) {
      const here = Math.min(together, rows - firstRow);
      blocks.push({ ...take(here * rowLength, decayed), firstRow, rows: here });
    }
    let firstRow = 0;
    const placed = parts.map((part) => {
      const at = { name: part.name, firstRow, shape: [part.rows, ...inner] };
      firstRow += part.rows;
      return at;
    });
    parameters.set(name, { name, shape, parts: placed, blocks });
    count += rows * rowLength;
  }
  return { parameters, slabs, count };
}
