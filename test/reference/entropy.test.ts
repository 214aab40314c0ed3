import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TOLERANCE } from "../support/tolerances.ts";
import { logProbabilities, probabilities, tokenEntropy, tokenLogProb } from "./entropy.ts";
import { numericalGradient } from "./numerical-gradient.ts";
import { stepEntropy } from "./step-entropy.ts";

const logitsRow = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});

describe("token entropy", () => {
  test.each([1, 2, 31, 257, 151_936])("uniform logits over %d columns have entropy ln V", (V) => {
    expect(tokenEntropy(new Float64Array(V).fill(3.5))).toBeClose(Math.log(V), TOLERANCE.exact * V);
  });

  test("a fair coin beside an impossible third side has entropy ln 2", () => {
    expect(tokenEntropy([7, 7, -Infinity])).toBeClose(Math.LN2, TOLERANCE.exact);
  });

  test("a distribution known in closed form: p = (1/2, 1/4, 1/4)", () => {
    expect(tokenEntropy([Math.log(2), 0, 0])).toBeClose(1.5 * Math.LN2, TOLERANCE.exact);
  });

  test("one-hot logits have entropy 0, not NaN", () => {
    expect(tokenEntropy([-Infinity, 0, -Infinity])).toBe(0);
    expect(tokenEntropy([-1e4, 1e4, -1e4])).toBe(0);
  });

  test("logits of ±1e4 stay finite", () => {
    expect(tokenEntropy([1e4, 1e4, -1e4])).toBeClose(Math.LN2, TOLERANCE.exact);
    expect(tokenLogProb([1e4, -1e4], 1)).toBeClose(-2e4, TOLERANCE.exact);
  });

  test("a row without any possible token is refused", () => {
    expect(() => tokenEntropy([-Infinity, -Infinity])).toThrow("no distribution");
    expect(() => tokenEntropy([])).toThrow("no distribution");
  });

  test("a token outside the vocabulary is refused", () => {
    expect(() => tokenLogProb([0, 1], 2)).toThrow("token 2 is outside 0..1");
  });

  test("the temperature divides the logits", () => {
    const logits = [0.3, -1.2, 2.5];
    const divided = logits.map((z) => z / 0.4);
    expect(logProbabilities(logits, 0.4)).toBeClose(logProbabilities(divided), TOLERANCE.exact);
  });

  test("H lies in [0, ln V], and shifting all logits changes nothing", () => {
    fc.assert(
      fc.property(logitsRow, fc.double({ min: -20, max: 20, noNaN: true }), (logits, shift) => {
        const entropy = tokenEntropy(logits);
        expect(entropy).toBeGreaterThanOrEqual(0);
        expect(entropy).toBeLessThanOrEqual(Math.log(logits.length) + 1e-9);
        const shifted = tokenEntropy(logits.map((z) => z + shift));
        expect(shifted).toBeClose(entropy, TOLERANCE.numerical);
      }),
    );
  });

  test("probabilities sum to 1 and their logarithms are the log-probabilities", () => {
    fc.assert(
      fc.property(logitsRow, (logits) => {
        const p = probabilities(logits);
        expect(p.reduce((a, b) => a + b)).toBeClose(1, TOLERANCE.exact);
        expect(p.map(Math.log)).toBeClose(logProbabilities(logits), TOLERANCE.numerical);
      }),
    );
  });

  test("∂ ln π(a) / ∂z is onehot − π, by central differences", () => {
    const logits = [0.5, -1, 2, 0.1];
    const slope = numericalGradient((z) => tokenLogProb(z, 2), logits);
    const expected = probabilities(logits).map((p, v) => (v === 2 ? 1 : 0) - p);
    expect(slope).toBeClose(expected, TOLERANCE.numerical);
  });

  test("the mean of ‖onehot(a) − π‖² over a ~ π is 1 − Σ π²", () => {
    fc.assert(
      fc.property(logitsRow, (logits) => {
        const p = probabilities(logits);
        const squares = p.reduce((sum, value) => sum + value ** 2, 0);
        const norm = (a: number) =>
          p.reduce((sum, value, v) => sum + ((v === a ? 1 : 0) - value) ** 2, 0);
        const mean = p.reduce((sum, value, a) => sum + value * norm(a), 0);
        expect(mean).toBeClose(1 - squares, TOLERANCE.exact);
      }),
    );
  });
});

describe("step entropy", () => {
  const tokens = [0.5, 2, 0.2];

  test("is the mean over the step's tokens unless told otherwise", () => {
    expect(stepEntropy(tokens)).toBeClose(0.9, TOLERANCE.exact);
  });

  test("max takes the most uncertain token, first the first", () => {
    expect(stepEntropy(tokens, "max")).toBe(2);
    expect(stepEntropy(tokens, "first")).toBe(0.5);
  });

  test.each(["mean", "max", "first"] as const)(
    "a step without tokens has no %s entropy",
    (mode) => {
      expect(stepEntropy([], mode)).toBeNull();
    },
  );
});
