import type { EmpgOptions } from "./empg.ts";
import type { ModulationConfig } from "./modulation-config.ts";

/** What `type = "none"` leaves out of the section. */
export const SWITCHED_OFF = { k: 0, zeta: 0, center: "none" } as const;

/** Without modulation the advantages pass through unchanged, and entropies are still measured. */
export function modulationOptions(config: ModulationConfig): EmpgOptions {
  const { type, k, k_prime, zeta, eps, step_entropy, normalization, center } = config;
  const asked = { k, zeta, center };
  return {
    ...{ kPrime: k_prime, eps, stepEntropy: step_entropy, normalization },
    ...(type === "none" ? SWITCHED_OFF : asked),
  };
}
