import type { Suite } from "./benchmark.ts";
import { stageBenchmark } from "./modulation-stages.ts";

export const normalization: Suite = {
  name: "normalization",
  plan: () => [
    stageBenchmark({ name: "min-max", numbers: 2, flops: 4 }),
    stageBenchmark({ name: "z-score", normalization: "z-score", numbers: 2, flops: 7 }),
    stageBenchmark({ name: "robust", normalization: "robust", numbers: 2, flops: 4 }),
    stageBenchmark({ name: "center", numbers: 4, flops: 2 }),
  ],
};
