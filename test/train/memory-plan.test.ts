import { describe, expect, test } from "bun:test";
import { openWorld } from "../../src/env/worlds.ts";
import type { DeviceCapacity } from "../../src/gpu/device.ts";
import { openModel } from "../../src/model/builtin.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { LORA_TARGETS } from "../../src/model/lora.ts";
import { fitMemory, planTraining } from "../../src/train/memory-plan.ts";
import { playOptions } from "../../src/train/play-options.ts";
import { openCollector, openPolicy, startingAdapter } from "../../src/train/policy.ts";
import { openUpdater } from "../../src/train/updater.ts";
import { testGpu } from "../support/device.ts";
import { smallConfig } from "../support/small-run.ts";

const GPU: DeviceCapacity = { half: true, largestBytes: 2 ** 31 - 256, software: false };
const SOFTWARE: DeviceCapacity = { half: false, largestBytes: 2 ** 30, software: true };

const QWEN_CONFIG: ModelConfig = {
  ...{ vocabulary: 151_936, width: 896, innerWidth: 4864, layers: 24, heads: 14, keyHeads: 2 },
  ...{ headDim: 64, maxPositions: 32_768, epsilon: 1e-6, ropeBase: 1e6, tied: true },
};

const QWEN_HALF_B = { config: QWEN_CONFIG };

describe("a run takes to the byte what the plan says", () => {
  test.each([
    [[]],
    [["algorithm.kl_coefficient=0.01"]],
    [["model.lora.rank=4", "algorithm.kl_coefficient=0.01"]],
    [["algorithm.method=ppo"]],
    [["algorithm.method=ppo", "model.lora.rank=4"]],
    [["train.recompute_activations=true", "train.micro_batch_tokens=1000", "rollout.rows=7"]],
  ])("%j", async (overrides) => {
    const config = smallConfig(...overrides);
    const gpu = await testGpu();
    const files = openModel(config.model.path);
    const plan = planTraining(config, files, gpu.capacity);
    const before = gpu.memory.bytes;
    using scope = gpu.scope();
    const adapter = startingAdapter(files, config);
    const policy = await openPolicy(gpu, scope, config.model.path, files, adapter);
    await openUpdater(gpu, scope, config, policy);
    const world = await openWorld(config.env.name, { option: config.env.option });
    openCollector(gpu, scope, policy, world, playOptions(config));
    expect(plan.totalBytes).toBe(gpu.memory.bytes - before);
  });
});

describe("Qwen2.5-0.5B", () => {
  const config = smallConfig("train.micro_batch_tokens=32768", "train.recompute_activations=true");

  test("in half precision has a single-precision original, and the head stays within 0.75 GB at 32k tokens", () => {
    const { parts } = planTraining(config, QWEN_HALF_B, GPU);
    const count = 494_032_768;
    // Two bytes to read, four to move.
    expect(parts.weights / count).toBeCloseTo(6, 1);
    expect(parts.gradients / count).toBeCloseTo(4, 1);
    expect(parts.optimizer / count).toBeCloseTo(8, 1);
    expect(parts.head).toBeLessThan(0.75e9);
  });

  test("an adapter needs neither gradients nor moments of the weights", () => {
    const lora = smallConfig("model.lora.rank=16", "algorithm.kl_coefficient=0.01");
    const { parts } = planTraining(lora, QWEN_HALF_B, GPU);
    const adapter = 8_798_208;
    expect(parts.adapter).toBeGreaterThanOrEqual(4 * adapter);
    expect(parts.adapter).toBeLessThan(4.01 * adapter);
    expect(parts.optimizer).toBeLessThan(8.1 * adapter);
    // The reference is the model without its adapter.
    expect(parts.reference).toBe(0);
  });

  test("what does not fit is made smaller, in the order that costs least, and said", () => {
    const asked = smallConfig("train.micro_batch_tokens=8192");
    const { totalBytes } = planTraining(asked, QWEN_HALF_B, SOFTWARE);
    const { config: fitted, plan, notes } = fitMemory(asked, QWEN_HALF_B, SOFTWARE, 18 * 2 ** 30);
    expect(totalBytes).toBeGreaterThan(18 * 2 ** 30);
    expect(plan.totalBytes).toBeLessThanOrEqual(18 * 2 ** 30);
    expect(fitted.train.recompute_activations).toBe(true);
    expect(notes[0]).toContain("activations are computed again");
    expect(plan).toEqual(planTraining(fitted, QWEN_HALF_B, SOFTWARE));
  });

  test("what fits stays as it was, and so does everything where nobody knows the memory", () => {
    const asked = smallConfig();
    expect(fitMemory(asked, QWEN_HALF_B, GPU, undefined)).toMatchObject({
      config: asked,
      notes: [],
    });
    expect(fitMemory(asked, QWEN_HALF_B, GPU, 2 ** 40)).toMatchObject({ config: asked, notes: [] });
  });

  test("what cannot fit is refused with every part, and with what would", () => {
    const refused = () => fitMemory(smallConfig(), QWEN_HALF_B, SOFTWARE, 4 * 2 ** 30);
    expect(refused).toThrow(
      /training needs .* there are 4\.\d+ GiB: weights .*, gradients .*, optimizer /,
    );
    expect(refused).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("model.lora.rank=16") }),
    );
  });

  test("an adapter's own directory is planned as what it is, and not as something else", () => {
    const lora = { rank: 16, alpha: 32, rankStabilised: false, targets: LORA_TARGETS };
    const adapted = { ...QWEN_HALF_B, adapter: { config: lora } };
    const asked = smallConfig("model.lora.rank=16");
    const plan = planTraining(asked, QWEN_HALF_B, GPU);
    expect(planTraining(smallConfig(), adapted, GPU)).toEqual(plan);
    expect(planTraining(asked, adapted, GPU)).toEqual(plan);
    const other = smallConfig("model.lora.rank=8");
    expect(() => planTraining(other, adapted, GPU)).toThrow("is an adapter of rank 16, alpha 32");
  });
});
