import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { tokenAdvantageKernel } from "../../src/ops/advantage-modulation.ts";
import { FORMS, runKernel, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  test.each([1, 2, 31, 257, 1001])(
    "A_final of each of %d tokens follows its step's",
    async (tokens) => {
      const random = randomFrom(tokens);
      const steps = Math.ceil(tokens / 3);
      const numbers = (count: number) =>
        Float32Array.from({ length: count }, () => 4 * random.uniform() - 2);
      const step_of = Uint32Array.from({ length: tokens }, () => random.integer(steps));
      const token_advantage = numbers(tokens);
      const [advantage, scale, modulated] = [numbers(steps), numbers(steps), numbers(steps)];
      const inputs = { step_of, token_advantage, advantage, scale, modulated };
      const out = { token_modulated: { length: tokens } };
      const found = await runKernel(gpu, tokenAdvantageKernel, inputs, out, { tokens });
      const wanted = [...step_of].map(
        (s, t) => modulated[s]! + (token_advantage[t]! - advantage[s]!) * scale[s]!,
      );
      expect([...found.token_modulated]).toBeClose(wanted, TOLERANCE.kernel);
    },
  );
});
