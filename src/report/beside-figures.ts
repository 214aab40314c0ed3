/** Figures that runs measured beside the one that counts: another temperature, or training tasks. */

import type { Arm } from "./arms.ts";
import { meanOf } from "./run-facts.ts";

export interface BesideTable {
  /** `split, temperature T` of each column. */
  readonly kinds: readonly string[];
  /** One per arm: mean success of its runs, first → last, in %. */
  readonly rows: readonly (readonly string[])[];
}

export function besideFigures(arms: readonly Arm[]): BesideTable {
  const records = (arm: Arm) => arm.runs.flatMap(({ files }) => files?.beside ?? []);
  const kinds = [...new Set(arms.flatMap(records).map(kindOf))];
  const rows = arms.map((arm) =>
    kinds.map((kind) => {
      const of = arm.runs.map(({ files }) => files?.beside.filter((one) => kindOf(one) === kind));
      // A run that is not finished has a first figure alone.
      const first = meanOf(of.map((found) => found?.[0]?.success_rate));
      const last = meanOf(of.map((found) => (found?.[1] ? found.at(-1)!.success_rate : undefined)));
      return `${percent(first)} → ${percent(last)}`;
    }),
  );
  return { kinds, rows };
}

function kindOf({ split, temperature }: { split: string; temperature: number }): string {
  return `${split}, temperature ${temperature}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? "–" : (100 * share).toFixed(1);
}
