import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokenizerJson as alfworldTokenizer } from "../../src/env/alfworld/vocabulary.ts";
import { tokenizerJson as deepsearchTokenizer } from "../../src/env/deepsearch/vocabulary.ts";
import { generatedShop } from "../../src/env/webshop/generated-shop.ts";
import { tokenizerJson as webshopTokenizer } from "../../src/env/webshop/vocabulary.ts";
import { openModel } from "../../src/model/builtin.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { readModelDirectory } from "../../src/model/directory.ts";
import { parameterLayout } from "../../src/model/layout.ts";
import { openSafetensors } from "../../src/model/safetensors.ts";
import { safetensorsChunks } from "../../src/model/write-safetensors.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { readAll, tinyModel, writeTiny } from "../support/tiny-model.ts";

/** A model whose numbers differ at every place. */
function countingModel(change: Partial<ModelConfig> = {}) {
  const model = tinyModel(change);
  let count = 0;
  for (const values of model.tensors.values()) {
    for (let i = 0; i < values.length; i++) values[i] = ++count / 7;
  }
  return model;
}

function filesOf(path: string): Record<string, string> {
  const names = readdirSync(path).sort();
  return Object.fromEntries(names.map((n) => [n, readFileSync(join(path, n)).toString("base64")]));
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

async function writeTensors(path: string, tensors: readonly Tensor[]): Promise<void> {
  const named = tensors.map((tensor) => ({ ...tensor, pieces: () => [tensor.values] }));
  writeFileSync(path, Buffer.concat(await Array.fromAsync(safetensorsChunks(named))));
}

function tensorsOf(directory: string): Tensor[] {
  using file = openSafetensors(join(directory, "model.safetensors"));
  return [...file.tensors.values()].map(({ name, shape }) => ({
    name,
    shape,
    values: file.read(name),
  }));
}

describe("what is written comes back bit for bit", () => {
  test.each([{}, { tied: false }, { keyHeads: 2, layers: 1 }])("%j", async (change) => {
    using first = new TemporaryDirectory();
    using second = new TemporaryDirectory();
    const model = countingModel(change);
    const hashes = await writeTiny(first.path, model);
    const read = readModelDirectory(first.path);
    expect(read.config).toEqual(model.config);
    expect(readAll(read)).toEqual(model.tensors);
    expect(read.tokenizer).toBe(model.tokenizer);
    await writeTiny(second.path, { ...read, tensors: readAll(read) });
    expect(filesOf(second.path)).toEqual(filesOf(first.path));
    const hash = (name: string) =>
      new Bun.CryptoHasher("sha256").update(readFileSync(join(first.path, name))).digest("hex");
    expect(hashes).toEqual(Object.fromEntries(readdirSync(first.path).map((n) => [n, hash(n)])));
  });

  test("a tokenizer configuration and a chat template of its own", async () => {
    using directory = new TemporaryDirectory();
    const extras = { tokenizerConfig: '{"eos_token": "x"}', chatTemplate: "{{ messages }}" };
    await writeTiny(directory.path, { ...tinyModel(), ...extras });
    expect(readModelDirectory(directory.path)).toMatchObject(extras);
  });
});

test("projections lie in the file under the names and in the shapes of transformers", async () => {
  using directory = new TemporaryDirectory();
  const model = countingModel();
  await writeTiny(directory.path, model);
  using file = openSafetensors(join(directory.path, "model.safetensors"));
  const layer = [
    ["input_layernorm.weight", [12]],
    ["mlp.down_proj.weight", [12, 5]],
    ["mlp.gate_proj.weight", [5, 12]],
    ["mlp.up_proj.weight", [5, 12]],
    ["post_attention_layernorm.weight", [12]],
    ["self_attn.k_proj.bias", [4]],
    ["self_attn.k_proj.weight", [4, 12]],
    ["self_attn.o_proj.weight", [12, 8]],
    ["self_attn.q_proj.bias", [8]],
    ["self_attn.q_proj.weight", [8, 12]],
    ["self_attn.v_proj.bias", [4]],
    ["self_attn.v_proj.weight", [4, 12]],
  ];
  expect([...file.tensors.values()].map(({ name, shape }) => [name, shape])).toEqual([
    ["model.embed_tokens.weight", [3, 12]],
    ...[0, 1].flatMap((i) => layer.map(([name, shape]) => [`model.layers.${i}.${name}`, shape])),
    ["model.norm.weight", [12]],
  ] as never);
  const name = "model.layers.1.self_attn.v_proj.weight";
  expect(file.read(name)).toEqual(model.tensors.get(name)!);
  expect(file.read(name, 5, 17)).toEqual(model.tensors.get(name)!.slice(5, 17));
});

test("without one given, a tokenizer configuration names the tokens with a role", async () => {
  using directory = new TemporaryDirectory();
  await writeTiny(directory.path, tinyModel());
  const { tokenizerConfig } = readModelDirectory(directory.path);
  expect(JSON.parse(tokenizerConfig ?? "")).toMatchObject({
    tokenizer_class: "PreTrainedTokenizerFast",
    ...{ eos_token: "\n", pad_token: "<pad>", unk_token: "<unk>", model_max_length: 16 },
  });
});

test("weights that are not finite are not written over good ones", async () => {
  using directory = new TemporaryDirectory();
  const model = tinyModel();
  await writeTiny(directory.path, model);
  const before = filesOf(directory.path);
  const broken = tinyModel();
  broken.tensors.get("model.embed_tokens.weight")![5] = Number.NaN;
  const write = writeTiny(directory.path, broken);
  await expect(write).rejects.toThrow('"model.embed_tokens.weight" holds NaN at element 5');
  expect(filesOf(directory.path)).toEqual(before);
});

describe("shards", () => {
  async function shard(directory: string, place: (name: string, index: number) => string) {
    const tensors = tensorsOf(directory);
    rmSync(join(directory, "model.safetensors"));
    const files = Object.groupBy(tensors, ({ name }) =>
      place(
        name,
        tensors.findIndex((t) => t.name === name),
      ),
    );
    for (const [file, held] of Object.entries(files))
      await writeTensors(join(directory, file), held ?? []);
    const weight_map = Object.fromEntries(tensors.map(({ name }, i) => [name, place(name, i)]));
    const index = { metadata: { total_size: 1 }, weight_map };
    writeFileSync(join(directory, "model.safetensors.index.json"), JSON.stringify(index));
  }
  const halves = (_: string, i: number) => `model-0000${1 + (i % 2)}-of-00002.safetensors`;

  test("hold the same model as one file", async () => {
    using directory = new TemporaryDirectory();
    const model = countingModel({ tied: false });
    await writeTiny(directory.path, model);
    await shard(directory.path, halves);
    expect(existsSync(join(directory.path, "model.safetensors"))).toBe(false);
    expect(readAll(readModelDirectory(directory.path))).toEqual(model.tensors);
  });

  test.each([
    ['"../model.safetensors"', "expected NAME.safetensors"],
    ['"/etc/passwd"', "expected NAME.safetensors"],
    ['"gone.safetensors"', "gone.safetensors: cannot read: no such file"],
    ['"model-00002-of-00002.safetensors"', "which"],
    ["3", "weight_map: expected an object of strings"],
  ])("an index that places a tensor in %s is refused", async (place, message) => {
    using directory = new TemporaryDirectory();
    await writeTiny(directory.path, tinyModel());
    await shard(directory.path, halves);
    const index = join(directory.path, "model.safetensors.index.json");
    const text = readFileSync(index, "utf8");
    writeFileSync(index, text.replace('"model-00001-of-00002.safetensors"', place));
    expect(() => readModelDirectory(directory.path)).toThrow(message);
  });
});

describe("a directory that does not fit together is refused", () => {
  async function refusal(
    tensors: (all: Tensor[]) => Tensor[],
    config: (text: string) => string = (text) => text,
  ): Promise<Error & { hint?: string }> {
    using directory = new TemporaryDirectory();
    await writeTiny(directory.path, tinyModel());
    await writeTensors(
      join(directory.path, "model.safetensors"),
      tensors(tensorsOf(directory.path)),
    );
    const file = join(directory.path, "config.json");
    writeFileSync(file, config(readFileSync(file, "utf8")));
    try {
      readAll(readModelDirectory(directory.path));
    } catch (error) {
      expect(error).toHaveProperty("name", "UserError");
      return error as Error;
    }
    throw new Error("not refused");
  }
  const extra = (name: string) => ({ name, shape: [1], values: Float32Array.of(1) });

  test("a missing tensor", async () => {
    const { message, hint } = await refusal((all) => all.filter(({ name }) => !/norm/.test(name)));
    expect(message).toContain(
      'no tensor "model.layers.0.input_layernorm.weight" (and 4 more of 26)',
    );
    expect(hint).toContain("two checkpoints");
  });

  test("no output projection where it is not the embedding", async () => {
    const untie = (text: string) =>
      text.replace('"tie_word_embeddings": true', '"tie_word_embeddings": false');
    const { message, hint } = await refusal((all) => all, untie);
    expect(message).toContain('no tensor "lm_head.weight"');
    expect(hint).toContain('"tie_word_embeddings": true');
  });

  test("a tensor too many", async () => {
    const { message } = await refusal((all) => [
      ...all,
      extra("model.layers.2.mlp.up_proj.weight"),
    ]);
    expect(message).toContain('"model.layers.2.mlp.up_proj.weight" has no place in the model');
  });

  test("another shape, naming both", async () => {
    const { message } = await refusal(
      (all) => all,
      (text) => text.replace('"vocab_size": 3', '"vocab_size": 4'),
    );
    expect(message).toContain('"model.embed_tokens.weight" is (3, 12), ');
    expect(message).toContain("config.json asks for (4, 12)");
  });

  test("more layers than any memory holds", async () => {
    const { message } = await refusal(
      (all) => all,
      (text) => text.replace('"num_hidden_layers": 2', '"num_hidden_layers": 2000000000'),
    );
    expect(message).toContain("26 tensors");
    expect(message).toContain("says 2000000000 layers");
  });

  test.each([Number.NaN, -Infinity])("%p among the weights", async (value) => {
    const { message } = await refusal((all) => {
      all.find(({ name }) => name === "model.norm.weight")!.values[3] = value;
      return all;
    });
    expect(message).toContain(`"model.norm.weight" holds ${value} at element 3`);
  });

  test("a missing tokenizer.json", async () => {
    using directory = new TemporaryDirectory();
    await writeTiny(directory.path, tinyModel());
    rmSync(join(directory.path, "tokenizer.json"));
    expect(() => readModelDirectory(directory.path)).toThrow("tokenizer.json: cannot read");
  });
});

test("a tied output projection that is not the embedding is refused", async () => {
  using directory = new TemporaryDirectory();
  await writeTiny(directory.path, tinyModel());
  const tensors = tensorsOf(directory.path);
  const values = tensors[0]!.values.slice();
  values[7]! += 1;
  const head = { ...tensors[0]!, name: "lm_head.weight", values };
  await writeTensors(join(directory.path, "model.safetensors"), [...tensors, head]);
  expect(() => readModelDirectory(directory.path)).toThrow('"lm_head.weight" is not the embedding');
});

describe("what is not computed is refused, saying what is supported", () => {
  test.each([
    [{ rope_scaling: { type: "yarn", factor: 4 } }, "only plain rotary embeddings"],
    [{ rope_scaling: { rope_type: "linear" } }, "only plain rotary embeddings"],
    [{ use_sliding_window: true }, "sliding-window attention is not supported"],
    [{ layer_types: ["full_attention", "sliding_attention"] }, "only full_attention"],
    [{ quantization_config: { bits: 4 } }, "quantized weights are not supported"],
    [{ architectures: ["Qwen2ForSequenceClassification"] }, "only Qwen2ForCausalLM"],
  ])("%j", async (change, message) => {
    using directory = new TemporaryDirectory();
    await writeTiny(directory.path, tinyModel());
    const file = join(directory.path, "config.json");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }));
    expect(() => readModelDirectory(directory.path)).toThrow(message);
  });

  test("of two bases of the rotary embedding the newer one counts, as in transformers", async () => {
    using directory = new TemporaryDirectory();
    await writeTiny(directory.path, tinyModel());
    const file = join(directory.path, "config.json");
    const rope_parameters = { rope_theta: 77, rope_type: "default" };
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), rope_parameters }),
    );
    expect(readModelDirectory(directory.path).config.ropeBase).toBe(77);
  });
});

test("a tied output projection that was written all the same is passed over", async () => {
  using directory = new TemporaryDirectory();
  const model = tinyModel();
  await writeTiny(directory.path, model);
  const tensors = tensorsOf(directory.path);
  const head = { ...tensors[0]!, name: "lm_head.weight" };
  await writeTensors(join(directory.path, "model.safetensors"), [...tensors, head]);
  expect(readAll(readModelDirectory(directory.path))).toEqual(model.tensors);
});

describe("openModel", () => {
  test("opens a directory, and the model inside the executable", async () => {
    using directory = new TemporaryDirectory();
    const model = tinyModel();
    await writeTiny(directory.path, model);
    expect(readAll(openModel(directory.path))).toEqual(model.tensors);
    const tiny = openModel("builtin:tiny");
    const { count } = parameterLayout(tiny.config);
    expect([...readAll(tiny).values()].reduce((sum, { length }) => sum + length, 0)).toBe(count);
    const { model: vocabulary } = JSON.parse(tiny.tokenizer);
    expect(Object.keys(vocabulary.vocab).length).toBe(tiny.config.vocabulary);
  });

  test.each([
    ["alfworld", alfworldTokenizer],
    ["deepsearch", deepsearchTokenizer],
    ["webshop", () => webshopTokenizer(generatedShop())],
  ])("the built-in model of %s has the words that its format writes now", (world, written) => {
    const { tokenizer, config } = openModel(`builtin:${world}`);
    expect(JSON.parse(tokenizer)).toEqual(JSON.parse(written()));
    expect(config.vocabulary).toBe(Object.keys(JSON.parse(tokenizer).model.vocab).length);
  });

  test("an unknown name is refused with the nearest one and the list", () => {
    expect(() => openModel("builtin:tinny")).toThrow(
      expect.objectContaining({
        message:
          'no built-in model "tinny"; there are: builtin:tiny, builtin:alfworld, builtin:webshop, builtin:deepsearch',
        hint: 'did you mean "builtin:tiny"?',
      }),
    );
    expect(() => openModel("builtin:toString")).toThrow("no built-in model");
  });
});
