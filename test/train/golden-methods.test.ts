/** One update of every method against PyTorch in f64: test/golden/methods, whose README tells what each case pins down. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../src/core/errors.ts";
import { safetensorsChunks } from "../../src/model/write-safetensors.ts";
import { readTrajectories, type Trajectory } from "../../src/rollout/trajectory.ts";
import { resolveConfig } from "../../src/train/config-file.ts";
import { updateOnce } from "../../src/train/update-once.ts";
import { weights } from "../golden/qwen2/hashed.ts";
import { testGpu } from "../support/device.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { TOLERANCE } from "../support/tolerances.ts";

/** What the engine does not have yet: prefixes of `section.key=value`. In the end this list is empty. */
const NOT_BUILT: readonly string[] = [];

/** A number for each step, for GAE over tokens one for each token; null where nothing was sampled or used. */
type StepNumbers = Readonly<Record<string, readonly (number | readonly number[] | null)[]>>;

interface Case {
  readonly name: string;
  /** Whose stored log-probabilities. */
  readonly variant: string;
  /** All weights are trained ("dense"), or an adapter that is scaled by one of ALPHAS. */
  readonly policy: string;
  readonly set: readonly string[];
  readonly expected: Readonly<Record<string, number>>;
  readonly advantages: StepNumbers;
  readonly modulated: StepNumbers;
}

const FOLDER = join(import.meta.dir, "../golden/methods");
const DIRECTORIES = join(import.meta.dir, "../golden/qwen2/directories");
const BASE = join(DIRECTORIES, "float32");
const WIDTH = 12;
const ALPHAS: Readonly<Record<string, number>> = { adapter: 20, strong: 200 };
const TRAJECTORIES = join(FOLDER, "trajectories.jsonl");

const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));
const cases: readonly Case[] = readdirSync(join(FOLDER, "cases"))
  .sort()
  .flatMap((file) => json(FOLDER, "cases", file));
const LOG_PROBS: Readonly<Record<string, readonly number[]>> = json(FOLDER, "logprobs.json");

const isBuilt = ({ set }: Case) =>
  !set.some((setting) => NOT_BUILT.some((prefix) => setting.startsWith(prefix)));
const methodOf = ({ set }: Case) => set[0]!.replace("algorithm.method=", "");
const row = (golden: Case) => [golden.name, golden] as const;
const built = cases.filter(isBuilt).map(row);
const missing = cases.filter((golden) => !isBuilt(golden)).map(row);

/** The cases punish the length of whole episodes, where the default is that of turns. */
const overlongOf = (set: readonly string[]) =>
  set.some((setting) => setting.includes("overlong_max")) ? ["algorithm.overlong_of=episode"] : [];

const configOf = ({ name, set }: Case) =>
  resolveConfig("", name, ["train.minibatches=1", "train.epochs=1", ...set, ...overlongOf(set)]);

/** The stored trajectories, as the sampler of a case left them. */
async function trajectoriesOf({ variant }: Case): Promise<Trajectory[]> {
  const stored = await Array.fromAsync(readTrajectories(TRAJECTORIES));
  const numbers = LOG_PROBS[variant];
  if (numbers === undefined) return stored;
  let at = 0;
  const next = (count: number) => {
    at += count;
    return numbers.slice(at - count, at);
  };
  return stored.map((trajectory) => ({
    ...trajectory,
    steps: trajectory.steps.map((step) => ({ ...step, logprobs: next(step.tokens.length) })),
  }));
}

/** The directory of a case's policy, with a value head where its method has one. */
async function writePolicy(directory: TemporaryDirectory, golden: Case): Promise<string> {
  const alpha = ALPHAS[golden.policy];
  const from = alpha === undefined ? BASE : join(DIRECTORIES, "adapter");
  for (const name of readdirSync(from)) directory.file(name, readFileSync(join(from, name)));
  if (alpha !== undefined) {
    const config = { ...json(from, "adapter_config.json"), base_model_name_or_path: BASE };
    directory.file("adapter_config.json", JSON.stringify({ ...config, lora_alpha: alpha }));
  }
  if (methodOf(golden) === "ppo") {
    const parameter = (name: string, shape: number[], count: number) => {
      const values = weights("methods", name, count, 0);
      return { name, shape, pieces: () => [values] };
    };
    const head = [
      parameter("value_head.weight", [1, WIDTH], WIDTH),
      parameter("value_head.bias", [1], 1),
    ];
    const chunks = await Array.fromAsync(safetensorsChunks(head));
    directory.file("value_head.safetensors", Buffer.concat(chunks));
  }
  return directory.path;
}

/** Mean of |A_final| over the steps that have a token, where each has one. */
function advantageAbsMean({ modulated }: Case): number | undefined {
  const steps = Object.values(modulated).flatMap((own) => own.filter((step) => step !== null));
  if (!steps.every((step) => typeof step === "number")) return undefined;
  return steps.reduce((sum, step) => sum + Math.abs(step), 0) / steps.length;
}

test("every method has its cases", () => {
  const names = ["dapo", "gigpo", "grpo", "ppo", "reinforce", "rloo"];
  expect([...new Set(cases.map(methodOf))]).toEqual(names);
});

test.each(built)("%s: one update is PyTorch's", async (_, golden) => {
  using directory = new TemporaryDirectory();
  const model = await writePolicy(directory, golden);
  const trajectories = await trajectoriesOf(golden);
  const out = join(directory.path, "updated");
  const found = await updateOnce(await testGpu(), configOf(golden), { model, trajectories, out });
  const { grad_norm, ...expected } = golden.expected;
  for (const key of ["loss", "policy_loss", "kl_loss", "value_loss"]) {
    if (expected[key] === undefined) continue;
    expect(found[key]!, key).toBeClose(expected[key], TOLERANCE.golden);
  }
  expect(found.grad_norm! / grad_norm!, "grad_norm").toBeClose(1, TOLERANCE.goldenTraining);
  const size = advantageAbsMean(golden);
  if (size !== undefined) expect(found.advantage_abs_mean!).toBeClose(size, TOLERANCE.kernel);
});

test.each(built.filter(([name]) => !name.includes("twice")))(
  "%s: the order of trajectories changes nothing",
  async (_, golden) => {
    using directory = new TemporaryDirectory();
    const model = await writePolicy(directory, golden);
    const trajectories = (await trajectoriesOf(golden)).reverse();
    const out = join(directory.path, "updated");
    const found = await updateOnce(await testGpu(), configOf(golden), { model, trajectories, out });
    const { loss, grad_norm } = golden.expected;
    expect(found.loss!).toBeClose(loss!, TOLERANCE.golden);
    expect(found.grad_norm! / grad_norm!).toBeClose(1, TOLERANCE.goldenTraining);
  },
);

/** Flags of `empg advantages` by key; null for a key that touches no advantage. */
const FLAGS: Readonly<Record<string, string | null>> = {
  "algorithm.method": "method",
  "algorithm.std": "std",
  "algorithm.eps": "std-eps",
  "algorithm.step_std": "step-std",
  "algorithm.step_weight": "step-weight",
  "algorithm.gamma": "gamma",
  "algorithm.dialect": "dialect",
  "env.invalid_action_penalty": "invalid-action-penalty",
  "algorithm.clip_low": null,
  "algorithm.clip_high": null,
  "algorithm.dual_clip": null,
  "algorithm.kl_coefficient": null,
  "algorithm.kl_estimator": null,
  "algorithm.loss_aggregation": null,
  "algorithm.loss_norm": null,
  "algorithm.entropy_coefficient": null,
  "modulation.type": "modulation",
  "modulation.k": "k",
  "modulation.k_prime": "k-prime",
  "modulation.zeta": "zeta",
  "modulation.normalization": "normalization",
  "modulation.scope": "scope",
  "modulation.center": "center",
  "modulation.step_entropy": "step-entropy",
  "rollout.temperature": null,
  "train.micro_batch_tokens": null,
  "train.epochs": null,
  "optimizer.beta1": null,
  "optimizer.beta2": null,
  "optimizer.eps": null,
  "optimizer.learning_rate": null,
  "optimizer.max_grad_norm": null,
};

/** The settings of a case as flags; undefined where the command has none for one of them, or needs the critic. */
function flagsOf(golden: Case): string[] | undefined {
  const settings = golden.set.map((setting) => setting.split("=") as [string, string]);
  if (settings.some(([key]) => FLAGS[key] === undefined)) return undefined;
  // `empg advantages` sees no model, and leaves no group out.
  if (methodOf(golden) === "ppo" || methodOf(golden) === "dapo") return undefined;
  return settings.flatMap(([key, value]) => (FLAGS[key] ? [`--${FLAGS[key]}`, value] : []));
}

/** Cases that differ in their loss alone have the same flags, and are asked once. */
const asked = new Map(
  built.flatMap(([, golden]) => {
    const flags = flagsOf(golden);
    return flags ? [[flags.join(" "), row(golden)] as const] : [];
  }),
);

test.each([...asked.values()])(
  "%s: empg advantages says the same of every step",
  async (_, golden) => {
    const device = ["--device", process.env.EMPG_TEST_DEVICE ?? "auto", "--json"];
    const ask = async (...flags: string[]) => {
      const result = await runCli(["advantages", "--input", TRAJECTORIES, ...device, ...flags]);
      expect(result.code).toBe(0);
      return result.out.split("\n").map((line) => JSON.parse(line));
    };
    const compare = async (flags: string[], expected: StepNumbers) => {
      for (const { episode, steps } of await ask(...flags)) {
        const own = expected[episode]!;
        const sampled = own.flatMap((number, t) => (number === null ? [] : [[t, number] as const]));
        const found = sampled.map(([t]) => steps[t].advantage);
        const wanted = sampled.map(([, number]) => number as number);
        expect(found, episode).toBeClose(wanted, TOLERANCE.kernel);
      }
    };
    const flags = flagsOf(golden)!;
    await compare(flags, golden.modulated);
    // What says how strongly to modulate would contradict that nothing is.
    const strength = ["--modulation", "--k", "--zeta", "--center"];
    const others = flags.filter(
      (flag, i) => !strength.includes(flag) && !strength.includes(flags[i - 1] ?? ""),
    );
    await compare([...others, "--modulation", "none"], golden.advantages);
  },
);

if (missing.length > 0) {
  test.each(missing)("%s: not built yet, and refused", (_, golden) => {
    expect(() => configOf(golden)).toThrow(UserError);
  });
}
