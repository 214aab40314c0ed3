import source from "../../../shaders/transformer/swiglu.wgsl" with { type: "text" };
import backwardSource from "../../../shaders/transformer/swiglu-backward.wgsl" with {
  type: "text",
};
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { elementForm } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const swigluKernel = defineKernel({
  name: "swiglu",
  buffers: { gate_up: "read", y: "write" },
  params: { rows: "u32", width: "u32" },
  gpu: elementForm(source, ["rows", "width"]),
});

export const swigluBackwardKernel = defineKernel({
  name: "swiglu-backward",
  buffers: { y_grad: "read", gate_up: "read_write" },
  params: { rows: "u32", width: "u32" },
  gpu: elementForm(backwardSource, ["rows", "width"]),
});

/** y (rows, F) = silu(gate) · up of gateUp (rows, 2·F). */
export function swiglu(
  pass: Pass,
  io: { gateUp: Tensor; y: Tensor },
  size: { rows: number; width: number },
): void {
  pass.run(swigluKernel, { gate_up: io.gateUp, y: io.y }, size);
}

/** gateUp (rows, 2·F) is replaced by its gradient, given yGrad (rows, F). */
export function swigluBackward(
  pass: Pass,
  io: { yGrad: Tensor; gateUp: Tensor },
  size: { rows: number; width: number },
): void {
  pass.run(swigluBackwardKernel, { y_grad: io.yGrad, gate_up: io.gateUp }, size);
}
