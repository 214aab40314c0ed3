import { expect, test } from "bun:test";
import { fuzzyScore } from "../../../src/env/webshop/fuzzy.ts";
import { PythonRandom } from "../../../src/env/webshop/python-random.ts";
import vectors from "../../golden/webshop/vectors.json" with { type: "json" };

test.each(vectors.random)("seed $seed draws what CPython draws", ({ seed, ...drawn }) => {
  const random = new PythonRandom(seed);
  expect(drawn.random.map(() => random.random())).toEqual(drawn.random);
  expect(drawn.uniform.map(() => random.uniform(19.99, 27.99))).toEqual(drawn.uniform);
  const tens = [10, 20, 30, 40];
  const pairs = [4, 4, 3, 2, 4].map((n) => random.pair(tens.slice(0, n)));
  expect(pairs as number[][]).toEqual(drawn.pairs);
  const order = Array.from({ length: 30 }, (_, i) => i);
  random.shuffle(order);
  expect(order).toEqual(drawn.shuffled);
  for (let i = 0; i < 700; i++) random.random();
  expect(random.random()).toBe(drawn.later);
});

test("the fuzzy score of 312 pairs is difflib's", () => {
  const pairs = vectors.fuzzy as [string, string, number][];
  expect(pairs).toHaveLength(312);
  expect(pairs.map(([a, b]) => [a, b, fuzzyScore(a, b)])).toEqual(pairs);
  // Vectors that never come near the threshold would say little.
  expect(pairs.filter(([, , score]) => score > 80 && score < 91).length).toBeGreaterThan(20);
});
