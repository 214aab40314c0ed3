import { type ModelConfig, qkvWidth } from "./config.ts";

/** One tensor of a Hugging Face file: rows [firstRow, firstRow + shape[0]) of a parameter. */
export interface Part {
  readonly name: string;
  readonly firstRow: number;
  readonly shape: readonly number[];
}

/** One parameter as the kernels see it: projections that read the same input lie together. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the arena; a multiple of 64, so that it can be bound. */
  readonly start: number;
  readonly parts: readonly Part[];
}

/** Where every parameter lies in one arena: first those that weight decay pulls on, then norms and biases. */
export interface Layout {
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Elements that are decayed, from the start of the arena. */
  readonly decayed: number;
  /** Elements of the arena, padding included. */
  readonly length: number;
  /** Numbers that are trained. */
  readonly count: number;
}

interface Plan {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly { name: string; rows: number }[];
}

/** Names as in Qwen2's files; `qkv` and `gate_up` join what transformers keeps apart. */
export function parameterLayout(config: ModelConfig): Layout {
  const { vocabulary, width, innerWidth, layers, heads, keyHeads, headDim } = config;
  const one = (name: string, shape: readonly number[]): Plan => ({
    name,
    shape,
    parts: [{ name, rows: shape[0]! }],
  });
  const keyRows = keyHeads * headDim;
  const qkvParts = (prefix: string, kind: string) =>
    [
      ["q", heads * headDim],
      ["k", keyRows],
      ["v", keyRows],
    ].map(([letter, rows]) => ({
      name: `${prefix}.self_attn.${letter}_proj.${kind}`,
      rows: rows as number,
    }));
  const decayed: Plan[] = [one("model.embed_tokens.weight", [vocabulary, width])];
  const plain: Plan[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const mlp = (name: string) => ({ name: `${prefix}.mlp.${name}.weight`, rows: innerWidth });
    decayed.push(
      {
        name: `${prefix}.qkv.weight`,
        shape: [qkvWidth(config), width],
        parts: qkvParts(prefix, "weight"),
      },
      one(`${prefix}.self_attn.o_proj.weight`, [width, heads * headDim]),
      {
        name: `${prefix}.gate_up.weight`,
        shape: [2 * innerWidth, width],
        parts: [mlp("gate_proj"), mlp("up_proj")],
      },
      one(`${prefix}.mlp.down_proj.weight`, [width, innerWidth]),
    );
    plain.push(
      { name: `${prefix}.qkv.bias`, shape: [qkvWidth(config)], parts: qkvParts(prefix, "bias") },
      one(`${prefix}.input_layernorm.weight`, [width]),
      one(`${prefix}.post_attention_layernorm.weight`, [width]),
    );
  }
  if (!config.tied) decayed.push(one("lm_head.weight", [vocabulary, width]));
  plain.push(one("model.norm.weight", [width]));
  return place(decayed, plain);
}

/** Parameters begin at multiples of 64 elements: 256 bytes, the alignment of storage bindings. */
const ALIGNMENT = 64;

function place(decayed: readonly Plan[], plain: readonly Plan[]): Layout {
  const parameters = new Map<string, Parameter>();
  let next = 0;
  let count = 0;
  const add = ({ name, shape, parts }: Plan) => {
    let firstRow = 0;
    const placed = parts.map((part) => {
      const at = { name: part.name, firstRow, shape: [part.rows, ...shape.slice(1)] };
      firstRow += part.rows;
      return at;
    });
    parameters.set(name, { name, shape, start: next, parts: placed });
    const length = shape.reduce((product, size) => product * size, 1);
    count += length;
    next += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  };
  decayed.forEach(add);
  const end = next;
  plain.forEach(add);
  return { parameters, decayed: end, length: next, count };
}
