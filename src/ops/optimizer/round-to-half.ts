import source from "../../../shaders/optimizer/round-to-half.wgsl" with { type: "text" };
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { elementForm } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const roundToHalfKernel = defineKernel({
  name: "round-to-half",
  buffers: { single: "read", half: "write" },
  params: { count: "u32" },
  gpu: elementForm(source, ["count"]),
});

/** half (n, f16) = single (n, f32), rounded to the nearest. */
export function roundToHalf(pass: Pass, io: { single: Tensor; half: Tensor }): void {
  pass.run(roundToHalfKernel, io, { count: io.single.length });
}
