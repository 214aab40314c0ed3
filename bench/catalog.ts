import { UserError } from "../src/core/errors.ts";
import { didYouMean } from "../src/core/nearest.ts";
import { advantageModulation } from "./advantage-modulation.bench.ts";
import { attention } from "./attention.bench.ts";
import type { Benchmark, Suite } from "./benchmark.ts";
import { decode } from "./decode.bench.ts";
import { entropy } from "./entropy.bench.ts";
import { matmul } from "./matmul.bench.ts";
import { normalization } from "./normalization.bench.ts";
import { optimizer } from "./optimizer.bench.ts";
import { policyGradients } from "./policy-gradients.bench.ts";
import { transformer } from "./transformer.bench.ts";
import { update } from "./update.bench.ts";

/** The four stages first, then what they stand on. */
export const SUITES: readonly Suite[] = [
  entropy,
  normalization,
  advantageModulation,
  policyGradients,
  matmul,
  attention,
  transformer,
  optimizer,
  decode,
  update,
];

/**
 * The benchmarks that `names` mean: a file's name means all of its rows, a row's name all of its shapes.
 * @throws UserError for a name that is neither
 */
export function chooseBenchmarks(
  names: readonly string[],
  size: "software" | "gpu",
): readonly Benchmark[] {
  const planned = SUITES.map((suite) => ({ suite: suite.name, rows: suite.plan(size) }));
  const known = new Set(planned.flatMap(({ suite, rows }) => [suite, ...rows.map((r) => r.name)]));
  for (const name of names) {
    if (known.has(name)) continue;
    const hint = didYouMean(name, known) || `known are ${[...known].join(", ")}`;
    throw new UserError(`bench: unknown benchmark "${name}"`, hint);
  }
  return planned.flatMap(({ suite, rows }) =>
    rows.filter((row) => names.length === 0 || names.includes(suite) || names.includes(row.name)),
  );
}
