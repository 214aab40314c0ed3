import { describe, expect, test } from "bun:test";
import { randomFrom } from "../../../src/core/random.ts";
import { sampleKernel } from "../../../src/ops/transformer/sample.ts";
import { probabilities, tokenEntropy, tokenLogProb } from "../../reference/entropy.ts";
import { FORMS, runKernel, type TestForm, testGpu } from "../../support/device.ts";
import { TOLERANCE } from "../../support/tolerances.ts";

const DRAWS = 4000;

/** Draws from equal rows of logits, the i-th with seed (seed, first + i). */
async function draws(
  form: TestForm,
  row: Float32Array,
  count: number,
  options: {
    temperature?: number;
    topP?: number;
    topK?: number;
    seed?: number;
    first?: number;
  } = {},
) {
  const { temperature = 1, topP = 1, topK = 0, seed = 11, first = 0 } = options;
  const logits = new Float32Array(count * row.length);
  for (let i = 0; i < count; i++) logits.set(row, i * row.length);
  const seeds = Uint32Array.from({ length: 2 * count }, (_, i) =>
    i % 2 === 0 ? seed : first + (i >> 1),
  );
  return runKernel(
    await testGpu(form),
    sampleKernel,
    { logits, seeds },
    {
      token: { length: count, type: "u32" },
      log_prob: { length: count },
      entropy: { length: count },
    },
    { rows: count, cols: row.length, temperature, top_p: topP, top_k: topK },
  );
}

function randomRow(cols: number): Float32Array {
  const random = randomFrom(cols);
  return Float32Array.from({ length: cols }, () => 4 * (random.uniform() - 0.5));
}

/** Of the k most likely tokens, the smallest set of most likely ones with at least this part of their mass. */
function nucleus(p: readonly number[], topP: number, topK = p.length): Set<number> {
  const order = p.map((_, v) => v).sort((a, b) => p[b]! - p[a]!);
  const among = order.slice(0, topK);
  const whole = among.reduce((sum, v) => sum + p[v]!, 0);
  const kept = new Set<number>();
  let mass = 0;
  for (const v of among) {
    if (mass >= topP * whole) break;
    kept.add(v);
    mass += p[v]!;
  }
  return kept;
}

/** Σ (found − expected)² / expected: of the order of the number of possible tokens when draws are fair. */
function chiSquare(tokens: ArrayLike<number>, p: readonly number[]): number {
  const counts = p.map(() => 0);
  for (const token of Array.from(tokens)) counts[token]!++;
  return p.reduce((sum, probability, v) => {
    const expected = probability * tokens.length;
    return expected === 0 ? sum : sum + (counts[v]! - expected) ** 2 / expected;
  }, 0);
}

/** A fair sampler exceeds this once in ten thousand times at 16 degrees of freedom, less often below. */
const CHI_SQUARE_LIMIT = 44.9;
const ROW = randomRow(17);

/** The form for wide GPUs takes minutes for these on a software adapter; it draws the same tokens, as shown below. */
describe("4,000 draws", () => {
  test.each([1, 0.5, 2])("frequencies match softmax at temperature %d", async (temperature) => {
    const { token } = await draws("own form", ROW, DRAWS, { temperature });
    expect(chiSquare(token, probabilities(ROW, temperature))).toBeLessThan(CHI_SQUARE_LIMIT);
    // The limit tells temperatures apart.
    expect(chiSquare(token, probabilities(ROW, 1.5 * temperature))).toBeGreaterThan(
      CHI_SQUARE_LIMIT,
    );
  });

  test.each([
    [0.9, 0],
    [0.6, 0],
    [0.05, 0],
    [1, 1],
    [1, 5],
    [1, 16],
    [0.6, 7],
    [0.95, 3],
  ])("top_p %d and top_k %d draw from the nucleus alone", async (topP, topK) => {
    const p = probabilities(ROW);
    const kept = nucleus(p, topP, topK || p.length);
    const mass = [...kept].reduce((sum, v) => sum + p[v]!, 0);
    const { token, log_prob, entropy } = await draws("own form", ROW, DRAWS, { topP, topK });
    expect([...new Set(token)].filter((v) => !kept.has(v))).toEqual([]);
    const renormalised = p.map((value, v) => (kept.has(v) ? value / mass : 0));
    expect(chiSquare(token, renormalised)).toBeLessThan(CHI_SQUARE_LIMIT);
    // Both numbers are of the whole distribution.
    expect(log_prob).toBeClose(
      Array.from(token, (v) => tokenLogProb(ROW, v)),
      TOLERANCE.reduction,
    );
    expect(entropy[0]!).toBeClose(tokenEntropy(ROW), TOLERANCE.reduction);
  });
});

describe.each(FORMS)("%s", (form) => {
  test.each([1, 2, 31, 257, 50_001])("numbers match f64 over %d columns", async (cols) => {
    const row = randomRow(cols);
    for (const temperature of [1, 0.4]) {
      const { token, log_prob, entropy } = await draws(form, row, 3, { temperature });
      expect(log_prob).toBeClose(
        Array.from(token, (v) => tokenLogProb(row, v, temperature)),
        TOLERANCE.reduction,
      );
      const expected = tokenEntropy(row, temperature);
      expect(entropy).toBeClose([expected, expected, expected], TOLERANCE.reduction);
    }
  });

  test("temperature 0 takes the most likely token, with the numbers of temperature 1", async () => {
    const { token, log_prob, entropy } = await draws(form, ROW, 3, { temperature: 0 });
    const best = ROW.indexOf(Math.max(...ROW));
    expect(Array.from(token)).toEqual([best, best, best]);
    expect(log_prob[0]!).toBeClose(tokenLogProb(ROW, best), TOLERANCE.reduction);
    expect(entropy[0]!).toBeClose(tokenEntropy(ROW), TOLERANCE.reduction);
  });

  test.each([0, 4])("a masked token (−∞) is never drawn, at top_k %d", async (topK) => {
    const row = Float32Array.of(-Infinity, 1, -Infinity, 0, -Infinity);
    const { token, entropy } = await draws(form, row, 40, { topK });
    expect([...new Set(token)].sort()).toEqual([1, 3]);
    expect(entropy[0]!).toBeClose(tokenEntropy(row), TOLERANCE.reduction);
  });

  test("tokens as likely as the k-th stay", async () => {
    const row = Float32Array.of(-2, 0.5, 0.5, -3, 0.75, 0.5, -0.25);
    const { token } = await draws(form, row, 60, { topK: 2 });
    expect([...new Set(token)].sort()).toEqual([1, 2, 4, 5]);
  });

  test("a draw depends on its seed and index, not on its row", async () => {
    const all = await draws(form, ROW, 20);
    const tail = await draws(form, ROW, 8, { first: 12 });
    expect(Array.from(tail.token)).toEqual(Array.from(all.token.subarray(12)));
    const other = await draws(form, ROW, 20, { seed: 12 });
    expect(Array.from(other.token)).not.toEqual(Array.from(all.token));
  });
});

test("the mass that top_p counts is that of the k most likely tokens", () => {
  // The two truncations would not tell a wrong order apart if one made the other idle.
  const p = probabilities(ROW);
  const both = nucleus(p, 0.6, 7).size;
  expect(both).toBeLessThan(7);
  expect(both).toBeLessThan(nucleus(p, 0.6).size);
});

test.each([
  [1, 0],
  [0.6, 0],
  [1, 9],
  [0.8, 20],
])("both forms draw the same tokens at top_p %d and top_k %d", async (topP, topK) => {
  const row = randomRow(67);
  const [own, wide] = [
    await draws("own form", row, 24, { topP, topK }),
    await draws("gpu form", row, 24, { topP, topK }),
  ];
  expect(Array.from(own.token)).toEqual(Array.from(wide.token));
  expect(new Set(own.token).size).toBeGreaterThan(5);
});
