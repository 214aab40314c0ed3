import source from "../../../shaders/transformer/rms-norm.wgsl" with { type: "text" };
import backwardSource from "../../../shaders/transformer/rms-norm-backward.wgsl" with {
  type: "text",
};
import weightSource from "../../../shaders/transformer/rms-norm-backward-weight.wgsl" with {
  type: "text",
};
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { columnForm, rowForms } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const rmsNormKernel = defineKernel({
  name: "rms-norm",
  buffers: { x: "read", weight: "read", y: "write", scale: "write" },
  params: { rows: "u32", width: "u32", epsilon: "f32" },
  ...rowForms(source, "rows"),
});

export const rmsNormBackwardKernel = defineKernel({
  name: "rms-norm-backward",
  buffers: { x: "read", weight: "read", scale: "read", y_grad: "read", x_grad: "read_write" },
  params: { rows: "u32", width: "u32" },
  ...rowForms(backwardSource, "rows"),
});

export const rmsNormBackwardWeightKernel = defineKernel({
  name: "rms-norm-backward-weight",
  buffers: { x: "read", scale: "read", y_grad: "read", weight_grad: "read_write" },
  params: { rows: "u32", width: "u32" },
  gpu: columnForm(weightSource, "width"),
});

/** y = x / rms(x) · weight.   x (rows, D), weight (D) → y (rows, D); keeps scale (rows) for the backward pass. */
export function rmsNorm(
  pass: Pass,
  io: { x: Tensor; weight: Tensor; y: Tensor; scale: Tensor },
  size: { rows: number; width: number; epsilon: number },
): void {
  pass.run(rmsNormKernel, io, size);
}

/** xGrad (rows, D) and weightGrad (D) are added to, so residual branches and micro-batches can follow one another; a frozen weight has none. */
export function rmsNormBackward(
  pass: Pass,
  io: {
    x: Tensor;
    weight: Tensor;
    scale: Tensor;
    yGrad: Tensor;
    xGrad: Tensor;
    weightGrad: Tensor | undefined;
  },
  size: { rows: number; width: number },
): void {
  const { x, weight, scale, yGrad, xGrad, weightGrad } = io;
  if (weightGrad) {
    const io = { x, scale, y_grad: yGrad, weight_grad: weightGrad };
    pass.run(rmsNormBackwardWeightKernel, io, size);
  }
  pass.run(rmsNormBackwardKernel, { x, weight, scale, y_grad: yGrad, x_grad: xGrad }, size);
}
