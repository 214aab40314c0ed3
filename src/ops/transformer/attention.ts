import source from "../../../shaders/transformer/attention.wgsl" with { type: "text" };
import keysSource from "../../../shaders/transformer/attention-backward-keys.wgsl" with {
  type: "text",
};
import queriesSource from "../../../shaders/transformer/attention-backward-queries.wgsl" with {
  type: "text",
};
import storeSource from "../../../shaders/transformer/store-keys.wgsl" with { type: "text" };
import { defineKernel, type Form } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { elementForm } from "../../gpu/row-kernel.ts";
import { specialize } from "../../gpu/specialize.ts";
import type { Tensor } from "../../gpu/tensor.ts";

/** What a model's attention looks like; kernels are fitted to it. */
export interface AttentionShape {
  readonly heads: number;
  readonly keyHeads: number;
  readonly headDim: number;
}

/** Queries of one tile in a training or prefill pass. */
export const QUERIES_PER_TILE = 4;
/** The backward pass keeps three vectors per query where the forward pass keeps two. */
export const BACKWARD_QUERIES_PER_TILE = 2;
export const KEYS_PER_TILE = 4;
/** Tokens of one block of a cache. */
export const TOKENS_PER_BLOCK = 16;

const SCALARS = {
  tiles: "u32",
  heads: "u32",
  group: "u32",
  q_stride: "u32",
  kv_stride: "u32",
  k_offset: "u32",
  v_offset: "u32",
  scale: "f32",
} as const;

type Scalars = Record<keyof typeof SCALARS, number>;

/** Attention's kernels, fitted to one shape. */
export function defineAttention(shape: AttentionShape) {
  const { heads, keyHeads, headDim } = shape;
  const group = heads / keyHeads;
  const queryKernel = (name: string, queries: number, paged: boolean) =>
    defineKernel({
      name: `${name}-${headDim}x${queries}`,
      buffers: {
        queries: "read",
        keys: "read",
        tiles: "read",
        out: "write",
        lse: "write",
        table: "read",
      },
      params: SCALARS,
      ...forms<typeof SCALARS>(
        source,
        {
          HEAD_DIM: headDim,
          QUERIES: queries,
          PAGED: Number(paged),
          BLOCK: TOKENS_PER_BLOCK,
        },
        group,
        heads,
      ),
    });
  return {
    shape,
    forward: queryKernel("attention", QUERIES_PER_TILE, false),
    prefill: queryKernel("attention-cached", QUERIES_PER_TILE, true),
    decode: queryKernel("attention-cached", 1, true),
    backwardQueries: defineKernel({
      name: `attention-backward-queries-${headDim}`,
      buffers: {
        queries: "read",
        keys: "read",
        tiles: "read",
        lse: "read",
        out: "read",
        out_grad: "read",
        delta: "write",
        grad: "write",
      },
      params: SCALARS,
      ...forms<typeof SCALARS>(
        queriesSource,
        { HEAD_DIM: headDim, QUERIES: BACKWARD_QUERIES_PER_TILE },
        group,
        heads,
      ),
    }),
    backwardKeys: defineKernel({
      name: `attention-backward-keys-${headDim}`,
      buffers: {
        qkv: "read",
        tiles: "read",
        lse: "read",
        delta: "read",
        out_grad: "read",
        grad: "write",
      },
      params: {
        tiles: "u32",
        heads: "u32",
        group: "u32",
        stride: "u32",
        k_offset: "u32",
        v_offset: "u32",
        scale: "f32",
      },
      gpu: {
        source: specialize(keysSource, { HEAD_DIM: headDim, KEYS: KEYS_PER_TILE }),
        constants: { LANES: "subgroup" },
        workgroups: (params: Record<string, number>) => [params.tiles! * keyHeads],
      },
    }),
  };
}

export type Attention = ReturnType<typeof defineAttention>;

/** On narrow adapters a subgroup serves all heads that share a key head, since loading keys costs most. */
function forms<P extends typeof SCALARS>(
  wgsl: string,
  constants: Record<string, number>,
  group: number,
  heads: number,
): { gpu: Form<P>; software: Form<P> } {
  const form = (together: number): Form<P> => ({
    source: specialize(wgsl, { ...constants, HEADS: together }),
    constants: { LANES: "subgroup" },
    workgroups: ({ tiles }) => [tiles * (heads / together)],
  });
  const together = group % 2 === 0 ? 2 : 1;
  return { gpu: form(1), software: form(together) };
}

/** Where queries, keys and values lie in the rows of `queries` and `keys`, in numbers. */
interface Placement {
  readonly qStride: number;
  readonly kvStride: number;
  readonly kOffset: number;
  readonly vOffset: number;
}

function scalars(shape: AttentionShape, tiles: number, at: Placement): Scalars {
  return {
    tiles,
    heads: shape.heads,
    group: shape.heads / shape.keyHeads,
    q_stride: at.qStride / 4,
    kv_stride: at.kvStride / 4,
    k_offset: at.kOffset / 4,
    v_offset: at.vOffset / 4,
    scale: 1 / Math.sqrt(shape.headDim),
  };
}

/** Queries, keys and values of one projection: (rows, (heads + 2·keyHeads)·headDim). */
function packed({ heads, keyHeads, headDim }: AttentionShape): Placement {
  const stride = (heads + 2 * keyHeads) * headDim;
  const kOffset = heads * headDim;
  return { qStride: stride, kvStride: stride, kOffset, vOffset: kOffset + keyHeads * headDim };
}

/** out (T, heads·headDim) and lse (T, heads) of packed qkv; `tiles` as QueryTiles of QUERIES_PER_TILE. */
export function attention(
  pass: Pass,
  { shape, forward }: Attention,
  io: { qkv: Tensor; tiles: Tensor; out: Tensor; lse: Tensor },
  tiles: number,
): void {
  const { qkv, out, lse } = io;
  // Rows that follow one another need no table: any buffer stands for it.
  const buffers = { queries: qkv, keys: qkv, tiles: io.tiles, out, lse, table: io.tiles };
  pass.run(forward, buffers, scalars(shape, tiles, packed(shape)));
}

/**
 * As `attention`, with keys and values from a cache (blocks·TOKENS_PER_BLOCK, 2·keyHeads·headDim): `table` names
 * the blocks of every sequence in order, and tiles say where in it theirs begin. `single`: one query per tile.
 */
export function cachedAttention(
  pass: Pass,
  { shape, prefill, decode }: Attention,
  io: { qkv: Tensor; cache: Tensor; table: Tensor; tiles: Tensor; out: Tensor; lse: Tensor },
  { tiles, single }: { tiles: number; single: boolean },
): void {
  const width = shape.keyHeads * shape.headDim;
  const at = { qStride: packed(shape).qStride, kvStride: 2 * width, kOffset: 0, vOffset: width };
  const { qkv, cache, out, lse, table } = io;
  const buffers = { queries: qkv, keys: cache, tiles: io.tiles, out, lse, table };
  pass.run(single ? decode : prefill, buffers, scalars(shape, tiles, at));
}

/** qkvGrad (T, …) is written whole: queries first, then keys and values. `delta` (T, heads) is scratch. */
export function attentionBackward(
  pass: Pass,
  { shape, backwardQueries, backwardKeys }: Attention,
  io: {
    qkv: Tensor;
    out: Tensor;
    lse: Tensor;
    outGrad: Tensor;
    qkvGrad: Tensor;
    delta: Tensor;
    queryTiles: Tensor;
    keyTiles: Tensor;
  },
  tiles: { queries: number; keys: number },
): void {
  const { qkv, out, lse, outGrad, qkvGrad, delta, queryTiles, keyTiles } = io;
  const at = packed(shape);
  pass.run(
    backwardQueries,
    {
      queries: qkv,
      keys: qkv,
      tiles: queryTiles,
      lse,
      out,
      out_grad: outGrad,
      delta,
      grad: qkvGrad,
    },
    scalars(shape, tiles.queries, at),
  );
  const { heads, group, k_offset, v_offset, scale, q_stride } = scalars(shape, 0, at);
  pass.run(
    backwardKeys,
    { qkv, tiles: keyTiles, lse, delta, out_grad: outGrad, grad: qkvGrad },
    { tiles: tiles.keys, heads, group, stride: q_stride, k_offset, v_offset, scale },
  );
}

export const storeKeysKernel = defineKernel({
  name: "store-keys",
  buffers: { qkv: "read", slots: "read", cache: "write" },
  params: { rows: "u32", width: "u32", stride: "u32", offset: "u32" },
  gpu: elementForm(storeSource, ["rows", "width"]),
});

/** Copies keys and values of qkv (rows, …) to the cache rows named by slots (rows). */
export function storeKeys(
  pass: Pass,
  { heads, keyHeads, headDim }: AttentionShape,
  io: { qkv: Tensor; slots: Tensor; cache: Tensor },
  rows: number,
): void {
  const width = 2 * keyHeads * headDim;
  const offset = heads * headDim;
  pass.run(storeKeysKernel, io, { rows, width, stride: offset + width, offset });
}
