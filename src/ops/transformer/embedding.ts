import source from "../../../shaders/transformer/embedding.wgsl" with { type: "text" };
import backwardSource from "../../../shaders/transformer/embedding-backward.wgsl" with {
  type: "text",
};
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { elementForm } from "../../gpu/row-kernel.ts";
import { halfWeights } from "../../gpu/specialize.ts";
import type { Tensor } from "../../gpu/tensor.ts";

function defineEmbedding(name: string, wgsl: string) {
  return defineKernel({
    name,
    buffers: { table: "read", tokens: "read", out: "write" },
    params: { rows: "u32", width: "u32", first: "u32", block: "u32" },
    gpu: elementForm(wgsl, ["rows", "width"]),
  });
}
export const embeddingKernel = defineEmbedding("embedding", source);
export const embeddingHalfKernel = defineEmbedding("embedding-f16", halfWeights(source));

export const embeddingBackwardKernel = defineKernel({
  name: "embedding-backward",
  buffers: {
    ids: "read",
    offsets: "read",
    rows_of: "read",
    out_grad: "read",
    table_grad: "read_write",
  },
  params: { unique: "u32", width: "u32", first: "u32", block: "u32" },
  gpu: elementForm(backwardSource, ["unique", "width"]),
});

/** Tokens [first, first + block) of a vocabulary, whose rows lie together. */
export interface TokenBlock {
  readonly first: number;
  readonly block: number;
}

/** out (rows, D) = rows of table (block, D) named by tokens (rows); tokens of other blocks leave out as it is. */
export function embedding(
  pass: Pass,
  io: { table: Tensor; tokens: Tensor; out: Tensor },
  size: { rows: number; width: number } & TokenBlock,
): void {
  pass.run(io.table.type === "f16" ? embeddingHalfKernel : embeddingKernel, io, size);
}

/** Rows of a batch sorted by token: `rowsOf[offsets[i] .. offsets[i + 1]]` hold the token `ids[i]`. */
export interface TokenIndex {
  readonly ids: Uint32Array;
  readonly offsets: Uint32Array;
  readonly rowsOf: Uint32Array;
}

/** Sorts row numbers by token; equal tokens keep their order, so that sums have one order. */
export function indexTokens(tokens: Uint32Array): TokenIndex {
  const rowsOf = Uint32Array.from(tokens.keys()).sort((a, b) => tokens[a]! - tokens[b]! || a - b);
  const ids: number[] = [];
  const offsets: number[] = [];
  rowsOf.forEach((row, i) => {
    if (i === 0 || tokens[row] !== tokens[rowsOf[i - 1]!]) {
      ids.push(tokens[row]!);
      offsets.push(i);
    }
  });
  offsets.push(rowsOf.length);
  return { ids: Uint32Array.from(ids), offsets: Uint32Array.from(offsets), rowsOf };
}

/** table_grad (block, D) += out_grad (rows, D) by token; `ids`, `offsets`, `rowsOf` hold a TokenIndex. */
export function embeddingBackward(
  pass: Pass,
  io: { ids: Tensor; offsets: Tensor; rowsOf: Tensor; outGrad: Tensor; tableGrad: Tensor },
  size: { unique: number; width: number } & TokenBlock,
): void {
  const { ids, offsets, rowsOf, outGrad, tableGrad } = io;
  const buffers = { ids, offsets, rows_of: rowsOf, out_grad: outGrad, table_grad: tableGrad };
  pass.run(embeddingBackwardKernel, buffers, size);
}
