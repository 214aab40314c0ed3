import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DIALECT_NAMES, DIALECTS } from "../../src/algorithm/dialect.ts";
import { GigpoConfig, gigpo, stepAdvantages } from "../../src/algorithm/gigpo.ts";
import { GrpoConfig, grpo } from "../../src/algorithm/grpo.ts";
import { lossWeights } from "../../src/algorithm/loss-weights.ts";
import { overlongPenalty } from "../../src/algorithm/overlong.ts";
import { PpoConfig, ppo } from "../../src/algorithm/ppo.ts";
import { rloo } from "../../src/algorithm/rloo.ts";
import { teachingEpisodes } from "../../src/algorithm/teaching-groups.ts";
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

  test("a row pays for itself alone: the episode's return before penalties, less its own", () => {
    const episodes = ["FTT", "FTT", "FFT", "FTF"].map((valid) => {
      const costs = Array.from(valid, (one): number => (one === "F" ? 0.1 : 0));
      const last = costs.length - 1;
      const steps = costs.map((cost, t) => ({
        ...{ cost, state: `${t}`, observation: "", tokens: 1 },
        ...{ reward: (t === last ? 1 : 0) - cost, values: [0] },
      }));
      return { group: "g", return: 1 - costs.reduce((a, b) => a + b), steps };
    });
    // Six rows of 0.9 and six of 1: their deviation, with n − 1, is 0.05·√(12/11).
    const A = 1 / Math.sqrt(12 / 11);
    const signs = [
      [-1, 1, 1],
      [-1, 1, 1],
      [-1, -1, 1],
      [-1, 1, -1],
    ];
    const options = { std: true, eps: 1e-12, dialect: "verl-agent" } as const;
    grpo(episodes, options).forEach((steps, i) => {
      expect(steps).toBeClose(
        signs[i]!.map((sign) => sign * A),
        TOLERANCE.numerical,
      );
    });
    // Among the others: six of 1 and five of 0.9, or the other way round.
    expect(rloo(episodes, options)[0]!).toBeClose(
      [0.9 - 10.5 / 11, 1 - 10.4 / 11, 1 - 10.4 / 11],
      TOLERANCE.numerical,
    );
    const critic = PpoConfig.parse({ method: "ppo", dialect: "verl-agent" });
    expect(ppo(episodes, critic).returns![2]!.flat()).toBeClose([0.9, 0.9, 1], TOLERANCE.numerical);
  });

  test("a group whose episodes earned the same teaches where their steps differ", () => {
    const step = (cost: number) => ({
      ...{ reward: -cost, cost, state: "s", observation: "s", tokens: 1 },
    });
    const episodes = [0, 1].map(() => ({ group: "g", return: 0.9, steps: [step(0.1), step(0)] }));
    const left = (dialect: "verl" | "verl-agent") =>
      teachingEpisodes(GrpoConfig.parse({ method: "grpo", dialect }), episodes);
    expect(left("verl")).toEqual([]);
    expect(left("verl-agent")).toEqual([0, 1]);
  });

  test("what a later step costs is no loss of the steps before it in GiGPO's step part", () => {
    const played = (cost: number) => ({
      group: "g",
      return: 1 - cost,
      steps: [
        { reward: 0, cost: 0, state: "s", observation: "s", tokens: 1 },
        { reward: 1 - cost, cost, state: `end ${cost}`, observation: "", tokens: 1 },
      ],
    });
    const options = GigpoConfig.parse({ method: "gigpo", gamma: 0.5 });
    const first = (dialect: "empg" | "verl-agent") =>
      stepAdvantages([played(0), played(0.2)], { ...options, dialect }).map(([A]) => A!);
    expect(first("empg")).toBeClose([0.05, -0.05], TOLERANCE.numerical);
    expect(first("verl-agent")).toEqual([0, 0]);
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
