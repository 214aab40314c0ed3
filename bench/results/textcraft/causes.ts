/**
 * What EMPG does to single turns, arm by arm: `bun bench/results/textcraft/causes.ts DIR [DIR...]` reads the rollouts
 * under DIR/runs and prints a Markdown table. All turns of an arm's stored iterations and seeds are pooled, but those
 * that the update dropped, as DAPO does with uniform groups; a seed that stands in two directories is read once.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Turn {
  /** Words generated in the turn. */
  tokens: number;
  valid: boolean;
  last: boolean;
  success: boolean;
  advantage: number;
  final: number;
  entropy: number;
  normalized: number;
  scale: number;
  clarity: number;
}

function turnsOf(run: string): Turn[] {
  const folder = join(run, "rollouts");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line))
    .filter(({ steps }) => steps[0]?.modulation)
    .flatMap(({ success, steps }) =>
      steps.map(
        // biome-ignore lint/suspicious/noExplicitAny: a line of a file that empg wrote
        (step: any, at: number): Turn => ({
          tokens: step.tokens.length,
          valid: step.valid,
          last: at === steps.length - 1,
          success,
          advantage: step.modulation.base_advantage,
          final: step.modulation.advantage,
          entropy: step.modulation.entropy,
          normalized: step.modulation.normalized_entropy,
          scale: step.modulation.scale,
          clarity: step.modulation.clarity,
        }),
      ),
    );
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

function deviation(numbers: readonly number[]): number {
  const middle = mean(numbers);
  return Math.sqrt(mean(numbers.map((x) => (x - middle) ** 2)));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const products = a.map((x, at) => (x - meanA) * ((b[at] as number) - meanB));
  return mean(products) / (deviation(a) * deviation(b));
}

/** Sum of final advantages over sum of base advantages: how much harder or softer these turns are pushed. */
function factor(turns: readonly Turn[]): number {
  return mean(turns.map((turn) => turn.final)) / mean(turns.map((turn) => turn.advantage));
}

function rowOf(turns: readonly Turn[]): (string | number)[] {
  const scales = turns.map((turn) => turn.scale);
  const bonus = turns.filter((turn) => !turn.last).map((turn) => turn.clarity);
  const low = quantile(
    turns.map((turn) => turn.entropy),
    1 / 3,
  );
  const high = quantile(
    turns.map((turn) => turn.entropy),
    2 / 3,
  );
  // Turns of uniform groups have a base advantage of 0, which no factor describes.
  const punished = turns.filter((turn) => turn.advantage < 0);
  const rewarded = turns.filter((turn) => turn.advantage > 0);
  const sure = (turn: Turn): boolean => turn.entropy <= low;
  const unsure = (turn: Turn): boolean => turn.entropy >= high;
  const numbers = [
    quantile(
      turns.map((turn) => turn.normalized),
      0.95,
    ),
    quantile(scales, 0.05),
    quantile(scales, 0.95),
    deviation(scales),
    deviation(bonus),
    correlation(
      turns.map((turn) => turn.entropy),
      turns.map((turn) => turn.tokens),
    ),
    factor(punished.filter(sure)),
    factor(punished.filter(unsure)),
    factor(rewarded.filter(sure)),
    factor(rewarded.filter(unsure)),
    factor(punished.filter((turn) => !turn.valid)),
  ];
  return [turns.length, ...numbers.map((x) => x.toFixed(2))];
}

const runs = new Map<string, Map<string, string>>();
for (const directory of process.argv.slice(2)) {
  const arms = join(directory, "runs");
  for (const arm of readdirSync(arms)) {
    const seeds = runs.get(arm) ?? new Map<string, string>();
    for (const seed of readdirSync(join(arms, arm))) seeds.set(seed, join(arms, arm, seed));
    runs.set(arm, seeds);
  }
}
const titles = ["arm", "turns", "h p95", "g p5", "g p95", "g sd", "f sd", "H ~ length"];
titles.push("sure, punished", "unsure, punished", "sure, rewarded", "unsure, rewarded");
titles.push("invalid, punished");
console.log(`| ${titles.join(" | ")} |\n|${" --- |".repeat(titles.length)}`);
for (const [arm, seeds] of runs) {
  const turns = [...seeds.values()].flatMap(turnsOf);
  if (turns.length > 0) console.log(`| ${[arm, ...rowOf(turns)].join(" | ")} |`);
}
