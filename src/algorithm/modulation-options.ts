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

/** e^(k′·h) of the surest step still is a number, though it lies eight deviations below the mean. */
const LARGEST_K_PRIME = 10;

/** Why a step's clarity could leave single precision; undefined where it cannot. */
export function clarityOverflow({
  type,
  normalization,
  k_prime,
  zeta,
}: ModulationConfig): string | undefined {
  if (type === "none" || zeta === 0 || normalization !== "z-score") return undefined;
  if (k_prime <= LARGEST_K_PRIME) return undefined;
  return `is ${k_prime}, but with normalization "z-score" h lies below 0 too: allowed: up to ${LARGEST_K_PRIME}`;
}
