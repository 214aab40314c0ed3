/** `[modulation]`: how entropy modulates the advantages of the base method. */

import { z } from "zod";

/** Sources: "paper" is arXiv 2509.09265, "project page" its project page. */
export const ModulationConfig = z.strictObject({
  type: z
    .enum(["empg", "none"])
    .default("empg")
    .describe("empg modulates the method's advantages; none leaves them, and this section, alone"),
  k: z
    .number()
    .min(0)
    .max(1e6)
    .default(1)
    .describe("sharpness of the gate g = e^(-k h) / mean; 0 removes the scaling (project page: 1)"),
  k_prime: z
    .number()
    .min(0)
    .max(1e6)
    .default(1)
    .describe("sharpness of the clarity f = e^(-k' h) (project page: 1)"),
  zeta: z
    .number()
    .min(0)
    .max(1e6)
    .default(0.1)
    .describe(
      "weight of the next step's clarity; 0 removes the bonus (project page: 0.1; arXiv 2602.21534: 0.05)",
    ),
  eps: z
    .number()
    .gt(0)
    .default(1e-8)
    .describe("added to the denominators of h and g (project page: 1e-8)"),
  normalization: z
    .enum(["min-max", "z-score", "robust"])
    .default("min-max")
    .describe(
      "how H becomes h; robust is min-max between the 5th and 95th percentile (paper: min-max)",
    ),
  scope: z
    .enum(["batch", "group"])
    .default("batch")
    .describe(
      "the steps that all statistics run over (paper: batch; arXiv 2605.00425: one task's group)",
    ),
  center: z
    .enum(["all", "bonus", "trajectory", "none"])
    .default("all")
    .describe(
      "what is centred: all steps, only the bonus, or all steps with one vote per trajectory " +
        "(paper: all)",
    ),
  step_entropy: z
    .enum(["mean", "max", "first"])
    .default("mean")
    .describe("which of a step's token entropies stands for the step (paper: mean)"),
});
export type ModulationConfig = z.output<typeof ModulationConfig>;
