import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { valueLoss } from "../../src/ops/policy-gradients.ts";
import { valueLoss as reference, type ValuedToken } from "../reference/value-loss.ts";
import { FORMS, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

/** Values inside and outside the clip on both sides; every fifth token is not asked for. */
function tokensOf(count: number): ValuedToken[] {
  const random = randomFrom(count);
  const number = () => Math.fround(4 * random.uniform() - 2);
  return Array.from({ length: count }, (_, t) => ({
    ...{ value: number(), old: number(), target: number() },
    weight: t % 5 === 2 ? 0 : Math.fround(random.uniform()),
  }));
}

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  async function run(
    tokens: readonly ValuedToken[],
    options: { clip: number; coefficient: number },
  ) {
    using scope = gpu.scope();
    const tensor = (label: string, of: (token: ValuedToken) => number) => {
      const result = scope.f32(label, [tokens.length]);
      gpu.write(result, Float32Array.from(tokens, of));
      return result;
    };
    const out = (label: string) => scope.f32(label, [tokens.length]);
    const io = {
      value: tensor("value", ({ value }) => value),
      old: tensor("old", ({ old }) => old),
      target: tensor("target", ({ target }) => target),
      weight: tensor("weight", ({ weight }) => weight),
      gradient: out("gradient"),
      terms: out("terms"),
    };
    gpu.submit((pass) => valueLoss(pass, io, tokens.length, options));
    const [gradient, terms] = await gpu.readAll([io.gradient, io.terms]);
    return { gradient: [...gradient!], terms: [...terms!] };
  }

  test.each([1, 2, 31, 257, 1001])("matches the f64 reference over %d tokens", async (count) => {
    const tokens = tokensOf(count);
    for (const clip of [0.05, 0.5, 1e6]) {
      const found = await run(tokens, { clip, coefficient: 0.75 });
      const wanted = reference(tokens, clip);
      expect(found.terms).toBeClose(wanted.terms, TOLERANCE.kernel);
      const scaled = wanted.gradient.map((slope) => 0.75 * slope);
      expect(found.gradient).toBeClose(scaled, TOLERANCE.kernel);
    }
  });

  test("a token that is not asked for is 0, whatever its numbers", async () => {
    const token = { value: Number.NaN, old: Number.NaN, target: Number.NaN, weight: 0 };
    const found = await run([token], { clip: 0.5, coefficient: 1 });
    expect(found).toEqual({ gradient: [0], terms: [0] });
  });

  test("a value that is not a number shows in the loss", async () => {
    const token = { value: Number.NaN, old: 0, target: 0, weight: 1 };
    const { terms } = await run([token], { clip: 0.5, coefficient: 1 });
    expect(terms[0]).toBeNaN();
  });
});
