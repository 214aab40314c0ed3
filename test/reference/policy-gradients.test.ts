import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TOLERANCE } from "../support/tolerances.ts";
import { probabilities, tokenLogProb } from "./entropy.ts";
import { numericalGradient } from "./numerical-gradient.ts";
import {
  type KlEstimator,
  type LossAggregation,
  type PolicyToken,
  policyGradient,
} from "./policy-gradients.ts";

const AGGREGATIONS = [
  "token-mean",
  "seq-mean-token-sum",
  "seq-mean-token-mean",
] as const satisfies LossAggregation[];
const ESTIMATORS = ["k1", "k2", "k3"] as const satisfies KlEstimator[];

/** A token whose ratio is e^logRatio and whose reference lies d above the policy. */
function token(
  logits: readonly number[],
  advantage: number,
  { action = 0, logRatio = 0, d = 0, sequence = 0, temperature = 1 } = {},
): PolicyToken {
  const logProb = tokenLogProb(logits, action, temperature);
  return {
    logits,
    token: action,
    advantage,
    oldLogProb: logProb - logRatio,
    referenceLogProb: logProb + d,
    sequence,
  };
}

/** Ratios inside and outside the clip range, both signs of A; one sequence of 3, one of 1. */
function awkwardTokens(temperature: number): PolicyToken[] {
  const shared = { temperature };
  return [
    token([0.2, -1, 3], 1.5, { action: 2, logRatio: 0.1, d: 0.3, ...shared }),
    token([1, 1, 1], 0.7, { action: 1, logRatio: 0.5, d: -0.4, ...shared }),
    { ...token([9, 0, 1], 5, shared), masked: true },
    token([-2, 0, 0.5], -1.1, { action: 0, logRatio: -0.6, d: 0.1, ...shared }),
    token([4, 0, 0.5], -2, { action: 1, logRatio: 0.7, d: -1, sequence: 1, ...shared }),
  ];
}

describe("surrogate", () => {
  test("at r = 1 the gradient is −A·(onehot − π) per token, times the aggregation weight", () => {
    const row = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
      minLength: 2,
      maxLength: 9,
    });
    fc.assert(
      fc.property(row, fc.double({ min: -2, max: 2, noNaN: true }), (logits, advantage) => {
        const tokens = [token(logits, advantage), token(logits, 0)];
        const { logitsGradient } = policyGradient(tokens, { klCoefficient: 0 });
        const expected = probabilities(logits).map(
          (p, v) => (-advantage * ((v === 0 ? 1 : 0) - p)) / 2,
        );
        expect(logitsGradient[0]!).toBeClose(expected, TOLERANCE.exact);
      }),
    );
  });

  test("a ratio above 1 + ε earns nothing more and has no gradient", () => {
    const result = policyGradient([token([1, 0], 2, { logRatio: Math.log(1.5) })], {
      klCoefficient: 0,
    });
    expect(result.loss).toBeClose(-2 * 1.2, TOLERANCE.exact);
    expect(result.logitsGradient[0]!).toBeClose([0, 0], TOLERANCE.exact);
    expect(result.clipFraction).toBe(1);
    expect(result.ratioMax).toBeClose(1.5, TOLERANCE.exact);
  });

  test("a negative advantage is clipped below 1 − ε, never above 1 + ε", () => {
    const low = policyGradient([token([1, 0], -1, { logRatio: Math.log(0.5) })]);
    expect(low.policyLoss).toBeClose(0.8, TOLERANCE.exact);
    const high = policyGradient([token([1, 0], -1, { logRatio: Math.log(3) })]);
    expect(high.policyLoss).toBeClose(3, TOLERANCE.exact);
    expect([low.clipFraction, high.clipFraction]).toEqual([1, 0]);
  });

  test("the two bounds are separate", () => {
    const options = { clipLow: 0.1, clipHigh: 0.28 };
    const up = policyGradient([token([1, 0], 1, { logRatio: 1 })], options);
    const down = policyGradient([token([1, 0], -1, { logRatio: -1 })], options);
    expect([up.policyLoss, down.policyLoss]).toBeClose([-1.28, 0.9], TOLERANCE.exact);
  });
});

describe("KL", () => {
  test.each([
    ["k1", -0.5],
    ["k2", 0.125],
    ["k3", Math.exp(0.5) - 1.5],
  ] as const)("%s at d = 1/2", (klEstimator, expected) => {
    const result = policyGradient([token([1, 0], 0, { d: 0.5 })], {
      klEstimator,
      klCoefficient: 0.2,
    });
    expect(result.kl).toBeClose(expected, TOLERANCE.exact);
    expect(result.klLoss).toBeClose(0.2 * expected, TOLERANCE.exact);
    expect(result.loss).toBeClose(result.policyLoss + result.klLoss, TOLERANCE.exact);
  });

  test.each(["k1", "k3"] as const)("the mean of %s over a ~ π is KL(π ‖ π_ref)", (klEstimator) => {
    const logits = [0.3, -0.5, 1.2];
    const reference = [1, 0, 0.2];
    const p = probabilities(logits);
    const q = probabilities(reference);
    const exact = p.reduce((sum, value, v) => sum + value * Math.log(value / q[v]!), 0);
    const mean = p.reduce((sum, value, action) => {
      const d = Math.log(q[action]! / value);
      return sum + value * policyGradient([token(logits, 0, { action, d })], { klEstimator }).kl;
    }, 0);
    expect(mean).toBeClose(exact, TOLERANCE.exact);
  });
});

test.each(ESTIMATORS)(
  "far from the reference the gradient is still the slope: %s",
  (klEstimator) => {
    for (const d of [-40, -20, 19, 21, 40]) {
      const options = { klEstimator, klCoefficient: d > 0 ? Math.exp(-20) : 1 };
      const far = token([0.3, -0.5, 1.2], 0, { d });
      const { logitsGradient } = policyGradient([far], options);
      const slope = numericalGradient(
        (logits) => policyGradient([{ ...far, logits }], options).loss,
        Array.from(far.logits),
      );
      expect(logitsGradient[0]!).toBeClose(slope, TOLERANCE.numerical);
    }
  },
);

describe("aggregation", () => {
  /** At r = 1 each token's loss is −A: two tokens of −1 and −2, and a sequence of one with −6. */
  const tokens = [
    token([0, 0], 1),
    token([0, 0], 2),
    token([0, 0], 6, { sequence: 1 }),
    { ...token([0, 0], 100, { sequence: 2 }), masked: true },
  ];
  test.each([
    ["token-mean", -3],
    ["seq-mean-token-sum", -4.5],
    ["seq-mean-token-mean", -3.75],
  ] as const)("%s", (lossAggregation, expected) => {
    const { loss } = policyGradient(tokens, { lossAggregation });
    expect(loss).toBeClose(expected, TOLERANCE.exact);
  });
});

describe("edges", () => {
  test("masked tokens carry 0", () => {
    const { logitsGradient } = policyGradient(awkwardTokens(1));
    expect(logitsGradient[2]!).toEqual([0, 0, 0]);
  });

  test("a batch without any unmasked token is all zeros, not NaN", () => {
    const result = policyGradient([{ ...token([1, 2], 3), masked: true }]);
    expect(result).toMatchObject({ loss: 0, kl: 0, clipFraction: 0, logitsGradient: [[0, 0]] });
  });

  test("a masked logit (−∞) has gradient 0 and leaves the others finite", () => {
    const { logitsGradient } = policyGradient([token([0, 0, -Infinity], 1)]);
    expect(logitsGradient[0]!).toBeClose([-0.5, 0.5, 0], TOLERANCE.exact);
  });
});

describe.each(AGGREGATIONS)("gradient under %s", (lossAggregation) => {
  test.each(ESTIMATORS)("matches central differences with %s", (klEstimator) => {
    for (const temperature of [1, 0.6]) {
      const options = { lossAggregation, klEstimator, klCoefficient: 0.3, temperature };
      const tokens = awkwardTokens(temperature);
      const { logitsGradient } = policyGradient(tokens, options);
      const slope = numericalGradient(
        (z) => {
          const moved = tokens.map((t, i) => ({ ...t, logits: z.slice(3 * i, 3 * i + 3) }));
          return policyGradient(moved, options).loss;
        },
        tokens.flatMap((t) => Array.from(t.logits)),
      );
      expect(logitsGradient.flat()).toBeClose(slope, TOLERANCE.numerical);
    }
  });
});
