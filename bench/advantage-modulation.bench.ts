import type { Suite } from "./benchmark.ts";
import { stageBenchmark } from "./modulation-stages.ts";

export const advantageModulation: Suite = {
  name: "advantage-modulation",
  plan: () => [
    stageBenchmark({ name: "gate", numbers: 3, flops: 4 }),
    stageBenchmark({ name: "clarity", numbers: 3, flops: 2 }),
    stageBenchmark({ name: "modulate", numbers: 6, flops: 3 }),
  ],
};
