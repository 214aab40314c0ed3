import { dividesByDeviation } from "../algorithm/methods.ts";
import type { RunConfig } from "./config.ts";

/** What to say of the clarity bonus where advantages are not of order 1; undefined elsewhere. */
export function noteUndivided({
  algorithm,
  modulation,
}: Pick<RunConfig, "algorithm" | "modulation">): string | undefined {
  const isWeighed = modulation.type === "empg" && modulation.zeta > 0;
  if (!isWeighed || dividesByDeviation(algorithm)) return undefined;
  return "advantages are not divided by the group's deviation: zeta weighs differently";
}
