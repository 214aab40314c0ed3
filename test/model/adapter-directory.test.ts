import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  adapterTensors,
  readAdapterDirectory,
  writeAdapterDirectory,
} from "../../src/model/adapter-directory.ts";
import { openModel } from "../../src/model/builtin.ts";
import { LORA_TARGETS, type LoraConfig } from "../../src/model/lora.ts";
import { mergedTensors } from "../../src/model/merge.ts";
import { type HostTensors, hostSource, type NamedTensor } from "../../src/model/tensor-source.ts";
import { withAdapter as mergedWith } from "../reference/lora.ts";
import { doubles } from "../support/decoder.ts";
import { someAdapter } from "../support/lora.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { tinyConfig, tinyModel, writeTiny } from "../support/tiny-model.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const LORA: LoraConfig = { rank: 3, alpha: 6, rankStabilised: false, targets: LORA_TARGETS };
const MODEL = tinyConfig();

async function numbersOf(tensors: readonly NamedTensor[]): Promise<HostTensors> {
  const result = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { name, pieces } of tensors) {
    const numbers: number[] = [];
    for await (const piece of pieces()) numbers.push(...piece);
    result.set(name, Float32Array.from(numbers));
  }
  return result;
}

function write(path: string, lora = LORA, base = "base") {
  const files = { config: lora, weights: hostSource(someAdapter(MODEL, lora)) };
  return writeAdapterDirectory(path, lora, base, adapterTensors(MODEL, files));
}

describe("an adapter comes back as it was written", () => {
  test.each([
    LORA,
    { ...LORA, rankStabilised: true, alpha: 0.5 },
    { ...LORA, targets: ["q_proj", "down_proj"] },
  ] as LoraConfig[])("%j", async (lora) => {
    using directory = new TemporaryDirectory();
    await write(directory.path, lora);
    const read = readAdapterDirectory(directory.path, MODEL);
    expect(read.config).toEqual(lora);
    const numbers = await numbersOf(adapterTensors(MODEL, read));
    expect(numbers).toEqual(new Map(someAdapter(MODEL, lora)));
  });
});

test("opening an adapter's directory opens the model that it belongs to", async () => {
  using directory = new TemporaryDirectory();
  const base = directory.file("base");
  const adapter = directory.file("adapter");
  await writeTiny(base, tinyModel());
  await write(adapter, LORA, base);
  const files = openModel(adapter);
  expect(files.path).toBe(base);
  expect(files.config).toEqual(MODEL);
  expect(files.adapter?.config).toEqual(LORA);
});

test("merging adds s·B·A to every target, and to nothing else", async () => {
  using directory = new TemporaryDirectory();
  await writeTiny(directory.path, tinyModel());
  const files = openModel(directory.path);
  for (const lora of [LORA, { ...LORA, rankStabilised: true, targets: ["v_proj"] as const }]) {
    const tensors = someAdapter(MODEL, lora);
    const adapter = { config: lora, weights: hostSource(tensors) };
    const found = await numbersOf(mergedTensors(MODEL, files.weights, adapter));
    const expected = mergedWith(doubles(tinyModel().tensors), tensors, lora);
    expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
    for (const [name, values] of found) {
      expect(values, name).toBeClose(expected.get(name)!, TOLERANCE.stated);
    }
  }
});

describe("an adapter that does not fit is refused", () => {
  test.each([
    [
      "another rank than its tensors",
      { r: 4 },
      '"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight" is (3, 12), the model asks for (4, 12)',
    ],
    [
      "a target too many in the file",
      { target_modules: ["q_proj"] },
      "has no place in this adapter",
    ],
    ["an unknown target", { target_modules: ["lm_head"] }, "target_modules[0]: found"],
    ["DoRA", { use_dora: true }, "use_dora: found true"],
    ["trained biases", { bias: "all" }, 'bias: found "all"'],
    ["ranks by pattern", { rank_pattern: { q_proj: 8 } }, "rank_pattern"],
    ["activated tokens", { alora_invocation_tokens: [1] }, "alora_invocation_tokens"],
    ["a beginning that changes the base", { init_lora_weights: "pissa" }, "init_lora_weights"],
    ["another kind", { peft_type: "IA3" }, 'peft_type: found "IA3"'],
  ])("%s", async (_, change, message) => {
    using directory = new TemporaryDirectory();
    await write(directory.path);
    const file = join(directory.path, "adapter_config.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...config, ...change }));
    expect(() => readAdapterDirectory(directory.path, MODEL)).toThrow(message);
  });

  test("a model of another width", async () => {
    using directory = new TemporaryDirectory();
    await write(directory.path);
    const wider = tinyConfig({ width: 16 });
    expect(() => readAdapterDirectory(directory.path, wider)).toThrow("the model asks for (3, 16)");
  });
});

describe("the base of an adapter", () => {
  test("is found beside the adapter too, and written so that it is found from anywhere", async () => {
    using directory = new TemporaryDirectory();
    await writeTiny(directory.file("base"), tinyModel());
    const adapter = directory.file("adapter");
    await write(adapter, LORA, directory.file("base"));
    const file = join(adapter, "adapter_config.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    expect(config.base_model_name_or_path).toBe(directory.file("base"));
    writeFileSync(file, JSON.stringify({ ...config, base_model_name_or_path: "../base" }));
    expect(openModel(adapter).config).toEqual(MODEL);
  });

  test.each([
    ["nowhere", "there is no model in nowhere"],
    [".", ". is an adapter itself"],
    [null, "expected a model directory, found nothing"],
  ])("%p is refused", async (base, message) => {
    using directory = new TemporaryDirectory();
    await write(directory.path);
    const file = join(directory.path, "adapter_config.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...config, base_model_name_or_path: base }));
    expect(() => openModel(directory.path)).toThrow(`base_model_name_or_path: ${message}`);
  });
});
