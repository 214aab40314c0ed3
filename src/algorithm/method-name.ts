/** Composed method names, `grpo+empg`: a base method, and how entropy modulates its advantages. */

import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { METHODS, type MethodName } from "./methods.ts";
import type { ModulationConfig } from "./modulation-config.ts";

/** What stands behind the plus, with the keys of `[modulation]` that it sets. */
const MODULATIONS = {
  /** As the section `[modulation]` has it. */
  empg: {},
  /** The gate alone. */
  scale: { zeta: 0 },
  /** The bonus alone. */
  clarity: { k: 0 },
  /** Neither: what centring does by itself, or it would be booked to EMPG. */
  center: { k: 0, zeta: 0 },
  /** One garbled turn cannot set the scale. */
  "empg-robust": { normalization: "robust" },
} as const satisfies Record<string, ModulationChange>;

/** Keys of `[modulation]` that a name sets. */
export type ModulationChange = Partial<Pick<ModulationConfig, "k" | "zeta" | "normalization">>;

export const MODULATION_NAMES = Object.keys(MODULATIONS);

export interface NamedMethod {
  readonly method: MethodName;
  /** Absent: the name says nothing of modulation. */
  readonly modulation?: ModulationChange;
}

/** `grpo+scale` → the method, and what modulates it. @throws UserError listing the names there are */
export function parseMethodName(name: string): NamedMethod {
  const [base = "", suffix, ...more] = name.split("+");
  const method = METHODS.find((known) => known === base);
  const known = suffix === undefined || Object.hasOwn(MODULATIONS, suffix);
  if (method === undefined || !known || more.length > 0) {
    const [wrong, names] =
      method === undefined ? [base, METHODS] : [suffix ?? "", MODULATION_NAMES];
    throw new UserError(
      `no method "${name}" (allowed: ${METHODS.join(", ")}, each alone or with ${MODULATION_NAMES.map((part) => `+${part}`).join(", ")})`,
      didYouMean(wrong, [...names]) || undefined,
    );
  }
  if (suffix === undefined) return { method };
  return { method, modulation: MODULATIONS[suffix as keyof typeof MODULATIONS] };
}
