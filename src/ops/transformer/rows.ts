import columnSumSource from "../../../shaders/transformer/column-sum.wgsl" with { type: "text" };
import gatherSource from "../../../shaders/transformer/gather-rows.wgsl" with { type: "text" };
import scatterSource from "../../../shaders/transformer/scatter-rows.wgsl" with { type: "text" };
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { columnForm, elementForm } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const gatherRowsKernel = defineKernel({
  name: "gather-rows",
  buffers: { x: "read", rows: "read", out: "write" },
  params: { count: "u32", width: "u32" },
  gpu: elementForm(gatherSource, ["count", "width"]),
});

export const scatterRowsKernel = defineKernel({
  name: "scatter-rows",
  buffers: { out_grad: "read", rows: "read", x_grad: "write" },
  params: { count: "u32", width: "u32" },
  gpu: elementForm(scatterSource, ["count", "width"]),
});

export const columnSumKernel = defineKernel({
  name: "column-sum",
  buffers: { x: "read", out: "read_write" },
  params: { rows: "u32", cols: "u32" },
  gpu: columnForm(columnSumSource, "cols"),
});

/** out (count, D) = the rows of x (T, D) named by rows (count). */
export function gatherRows(
  pass: Pass,
  io: { x: Tensor; rows: Tensor; out: Tensor },
  size: { count: number; width: number },
): void {
  pass.run(gatherRowsKernel, io, size);
}

/** xGrad (T, D) becomes zero but for the rows named by rows (count), which take outGrad (count, D); no row twice. */
export function gatherRowsBackward(
  pass: Pass,
  io: { outGrad: Tensor; rows: Tensor; xGrad: Tensor },
  size: { count: number; width: number },
): void {
  pass.zero(io.xGrad);
  pass.run(scatterRowsKernel, { out_grad: io.outGrad, rows: io.rows, x_grad: io.xGrad }, size);
}

/** out (N) += Σ over the rows of x (rows, N): a bias gradient. */
export function columnSum(
  pass: Pass,
  io: { x: Tensor; out: Tensor },
  size: { rows: number; cols: number },
): void {
  pass.run(columnSumKernel, io, size);
}
