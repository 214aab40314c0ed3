/** Stage 3 where the tokens of a step differ in A, as under GAE over tokens. */

import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { tokenAdvantage } from "../ops/advantage-modulation.ts";
import type { EmpgScratch } from "./empg.ts";

/**
 * A_final(token) = A_final(step) + (A(token) − A(step))·g(step), after `empg` has filled `scratch`.
 * @param stepOf (tokens) the step of each
 * @param advantages (tokens) A of the base method; `scratch` has each step's mean
 * @returns (tokens) on the device, as long as `scope` lives
 */
export function modulateTokens(
  gpu: Gpu,
  scope: Scope,
  scratch: EmpgScratch,
  { stepOf, advantages }: { stepOf: Uint32Array; advantages: Float32Array },
): Tensor {
  const tokens = stepOf.length;
  const io = {
    ...scratch,
    stepOf: scope.u32("step of token", [tokens]),
    tokenAdvantage: scope.f32("token advantage", [tokens]),
    tokenModulated: scope.f32("modulated token advantage", [tokens]),
  };
  gpu.write(io.stepOf, stepOf);
  gpu.write(io.tokenAdvantage, advantages);
  gpu.submit((pass) => tokenAdvantage(pass, io, tokens));
  return io.tokenModulated;
}
