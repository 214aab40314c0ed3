/** Comparisons whose every text tries to break out of the page that shows it. */

import {
  armPath,
  drawnTasks,
  evaluation,
  metrics,
  runConfig,
  savedEpisode,
  writeComparison,
  writeRun,
} from "./report-runs.ts";

export const HOSTILE =
  "</script><script>window.broken=1</script><!--<img src=x onerror=window.broken=2>]]>\"'`&amp;\u2028\u2029\ud800 \u0000</title>";
/** What became of some steps: one of each word that a sign and a size of A can have. */
export const WORDS = [
  ["amplified", 1, 1.3],
  ["damped", 1, 0.7],
  ["punished harder", -1, -1.3],
  ["treated gently", -1, -0.7],
  ["turned over", -0.05, 0.02],
  ["bonus only", 0, 0.04],
  ["pulled below 0", 0, -0.002],
  ["kept", 1, 1.01],
] as const;

function modulation(base: number, advantage: number) {
  return {
    ...{ entropy: 0.4, normalized_entropy: 0.3, scale: 1.1, clarity: 0.8 },
    ...{ base_advantage: base, advantage },
  };
}

/** A comparison of `arms` × `seeds` runs of `iterations`, with saved episodes of `turns` turns. */
export function writeHostileComparison(
  path: string,
  arms: number,
  seeds: number,
  iterations: number,
  turns: number,
) {
  const names = Array.from({ length: arms }, (_, arm) => (arm === 1 ? "grpo+empg" : `arm-${arm}`));
  const plan = { config: "", seeds: Array.from({ length: seeds }, (_, i) => i), token_budget: 1e6 };
  writeComparison(path, { ...plan, arms: names.map((name) => ({ name, set: [HOSTILE] })) });
  const steps = Array.from({ length: turns }, (_, i) => {
    const [, base, final] = WORDS[i % WORDS.length]!;
    const observation = i === 0 ? HOSTILE : `turn ${i}`;
    const tokens = [5, 20, 211, 313, 333, 0, 2];
    const entropies = tokens.map((_, at) => at / 5);
    return {
      observation,
      response: HOSTILE,
      tokens,
      entropies,
      modulation: modulation(base, final),
    };
  });
  const episodes = Array.from({ length: 8 }, (_, i) =>
    savedEpisode(`${HOSTILE}#${i}`, steps, { success: i % 2 === 0 }),
  );
  for (const [arm, name] of names.entries()) {
    for (const seed of plan.seeds) {
      writeRun(armPath(path, name, seed), {
        config: runConfig({ seed, iterations, name: "x" }),
        log: `device   ${HOSTILE}\n`,
        metrics: Array.from({ length: iterations }, (_, i) =>
          metrics(i + 1, { reward_mean: Math.sin(i / 9 + arm) / 3 + 0.1 * seed }),
        ),
        evaluations: [0, iterations >> 1, iterations].map((at) =>
          evaluation(
            at,
            drawnTasks(seed, 30, () => 0.2 + (0.4 * at) / iterations),
          ),
        ),
        signals: [{ iteration: 2, signal: "kl", value: 3, limit: 1, action: "warn" }],
        rollouts: { 1: episodes, [iterations]: episodes },
      });
    }
  }
}
