import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DIALECT_NAMES, DIALECTS } from "../../src/algorithm/dialect.ts";
import { GigpoConfig, gigpo } from "../../src/algorithm/gigpo.ts";
import { grpo } from "../../src/algorithm/grpo.ts";
import { lossWeights } from "../../src/algorithm/loss-weights.ts";
import { overlongPenalty } from "../../src/algorithm/overlong.ts";
import { groupAdvantages } from "../reference/group-advantage.ts";
import { episodesOf, OUTCOMES } from "../support/outcomes.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const GRPO = { std: true, eps: 1e-6 };

describe("verl-agent's rows are steps", () => {
  test("a long failure weighs more than a short success", () => {
    const [won, lost] = episodesOf([1, 0]);
    const step = lost!.steps[0]!;
    const episodes = [won!, { ...lost!, steps: [step, step, step] }];
    const centred = (dialect: "empg" | "verl" | "verl-agent") =>
      grpo(episodes, { std: false, eps: 1e-6, dialect }).flat();
    expect(centred("empg")).toEqual([0.5, -0.5, -0.5, -0.5]);
    expect(centred("verl")).toEqual([0.5, -0.5, -0.5, -0.5]);
    expect(centred("verl-agent")).toEqual([0.75, -0.25, -0.25, -0.25]);
  });

  test("mean and deviation are those of a batch that has every step for an episode", () => {
    fc.assert(
      fc.property(OUTCOMES, (episodes) => {
        const rows = episodes.flatMap(({ group, return: value, steps }) =>
          steps.map(() => ({ group, value })),
        );
        const wanted = groupAdvantages(
          rows.map(({ value }) => value),
          rows.map(({ group }) => group),
          GRPO,
        );
        const sizes = Map.groupBy(rows, ({ group }) => group);
        const found = grpo(episodes, { ...GRPO, dialect: "verl-agent" }).flat();
        rows.forEach(({ group, value }, i) => {
          const lonely = sizes.get(group)!.length === 1;
          expect(found[i]!).toBeClose(
            lonely ? value / (1 + 1e-6) : wanted[i]!,
            TOLERANCE.numerical,
          );
        });
      }),
    );
  });

  test("GiGPO's episode part is of that kind too, its step part is not", () => {
    const [won, lost] = episodesOf([1, 0]);
    const other = { ...lost!.steps[0]!, state: "other" };
    const episodes = [won!, { ...lost!, steps: [lost!.steps[0]!, other, other] }];
    const options = GigpoConfig.parse({ method: "gigpo", dialect: "verl-agent" });
    expect(gigpo(episodes, options)).toEqual([[0.75 + 0.5], [-0.25 - 0.5, -0.25, -0.25]]);
  });
});

test("a group of one: 0 here, its return among peers", () => {
  const one = episodesOf([0.3]);
  const found = DIALECT_NAMES.map((dialect) => grpo(one, { ...GRPO, dialect })[0]![0]!);
  expect(found).toBeClose([0, 0.3 / (1 + 1e-6), 0.3 / (1 + 1e-6)], TOLERANCE.exact);
  const plain = DIALECT_NAMES.map(
    (dialect) => grpo(one, { std: false, eps: 1e-6, dialect })[0]![0]!,
  );
  expect(plain).toEqual([0, 0.3, 0.3]);
});

test("limits: log r within ±20 here and in verl, k3 below 10 among peers", () => {
  const limits = DIALECT_NAMES.map((name) => [
    DIALECTS[name].logRatioLimit === 20,
    DIALECTS[name].k3Limit === 10,
  ]);
  expect(limits).toEqual([
    [true, false],
    [true, true],
    [false, true],
  ]);
});

describe("weights of rows of 2, 0 and 3 tokens", () => {
  const weightsOf = (dialect: keyof typeof DIALECTS, mode: Parameters<typeof lossWeights>[1]) =>
    lossWeights([2, 0, 3], mode, 7, DIALECTS[dialect]);

  test.each(["empg", "verl"] as const)("%s leaves empty rows out of sequence means", (dialect) => {
    expect(weightsOf(dialect, "seq-mean-token-mean")).toEqual([1 / 4, 0, 1 / 6]);
    expect(weightsOf(dialect, "seq-mean-token-sum")).toEqual([1 / 2, 0, 1 / 2]);
    expect(weightsOf(dialect, "seq-mean-token-sum-norm")).toEqual([1 / 14, 0, 1 / 14]);
  });

  test("verl-agent counts them, and divides the sum by the norm", () => {
    expect(weightsOf("verl-agent", "seq-mean-token-mean")).toEqual([1 / 6, 0, 1 / 9]);
    expect(weightsOf("verl-agent", "seq-mean-token-sum")).toEqual([1 / 3, 0, 1 / 3]);
    expect(weightsOf("verl-agent", "seq-mean-token-sum-norm")).toEqual([1 / 7, 0, 1 / 7]);
  });

  test.each(DIALECT_NAMES)("the token mean is the same in %s", (dialect) => {
    expect(weightsOf(dialect, "token-mean")).toEqual([1 / 5, 0, 1 / 5]);
  });
});

test("the overlong punishment ends at the limit here, and grows on among peers", () => {
  const costs = (ends: boolean) =>
    [11, 12, 14, 16, 20].map((length) =>
      overlongPenalty(length, { penalty: 0.5, buffer: 4, max: 16, ends }),
    );
  expect(costs(true)).toEqual([0, 0, 0.25, 0.5, 0.5]);
  expect(costs(false)).toEqual([0, 0, 0.25, 0.5, 1]);
  expect(DIALECT_NAMES.map((name) => DIALECTS[name].overlongEnds)).toEqual([true, false, false]);
});
