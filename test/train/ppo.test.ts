import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "../../src/model/builtin.ts";
import { openSafetensors } from "../../src/model/safetensors.ts";
import { safetensorsChunks } from "../../src/model/write-safetensors.ts";
import { readTrajectories, type Trajectory } from "../../src/rollout/trajectory.ts";
import { updateOnce } from "../../src/train/update-once.ts";
import { testGpu } from "../support/device.ts";
import { runCli } from "../support/run-cli.ts";
import { remains, runIn, smallConfig } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { readAll } from "../support/tiny-model.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const PPO = [
  "algorithm.method=ppo",
  "algorithm.uniform_groups=keep",
  "env.invalid_action_penalty=0.1",
  "report.rollouts_every=1",
];

/** The value head of a directory, weight and bias. */
function headIn(path: string): number[] {
  using file = openSafetensors(join(path, "value_head.safetensors"));
  return [...file.read("value_head.weight"), ...file.read("value_head.bias")];
}

describe.each([
  ["turns", ["algorithm.gae=turn", "rollout.group_size=1", "rollout.tasks_per_iteration=6"]],
  ["tokens", ["algorithm.gae=token", "model.lora.rank=2"]],
])("over %s", (unit, overrides) => {
  test("an interrupted run that is resumed writes the same bytes as one that was not", async () => {
    using temporary = new TemporaryDirectory();
    const config = smallConfig(...PPO, ...overrides);
    const [whole, cut] = [temporary.file("whole"), temporary.file("cut")];
    const { result, rows } = await runIn(whole, config);
    expect(result).toMatchObject({ end: "done", iterations: 2 });
    expect(rows[0]).toMatchObject({ updates_skipped: 0, values_mean: 0, explained_variance: 0 });
    expect(rows[0]!.value_loss).toBeGreaterThan(0);
    // The critic learned in the first iteration.
    expect(rows[1]!.values_mean).not.toBe(0);

    const watch = {
      iteration(at: number, stop: AbortController) {
        if (at === 1) stop.abort();
      },
    };
    expect((await runIn(cut, config, { watch })).result.end).toBe("interrupted");
    expect((await runIn(cut, config, { resume: true })).result.end).toBe("done");
    const [a, b] = [whole, cut].map((run) => join(run, "checkpoints/000002"));
    for (const name of ["value_head.safetensors", "optimizer.safetensors", "checksums.json"]) {
      expect(readFileSync(join(b!, name)).equals(readFileSync(join(a!, name))), name).toBe(true);
    }
    if (unit === "turns") expect(remains(cut)).toEqual(remains(whole));
    expect(Object.keys(JSON.parse(readFileSync(join(a!, "checksums.json"), "utf8")))).toContain(
      "value_head.safetensors",
    );
    using moments = openSafetensors(join(a!, "optimizer.safetensors"));
    expect(moments.read("m.value_head.weight").some((value) => value !== 0)).toBe(true);
    expect(moments.read("v.value_head.bias").some((value) => value !== 0)).toBe(true);

    const out = temporary.file("exported");
    expect((await runCli(["export", whole, "--out", out])).code).toBe(0);
    expect(headIn(out)).toEqual(headIn(a!));

    rmSync(join(b!, "value_head.safetensors"));
    const again = smallConfig(...PPO, ...overrides, "train.iterations=3");
    const resumed = await runIn(cut, again, { resume: true });
    // The checkpoint is not whole without its critic: the run goes on from the one before.
    expect(resumed.notes.join("\n")).toContain("value_head.safetensors is missing");
  }, 300_000);
});

test("a critic that breaks is not learned from, and ends the run", async () => {
  using temporary = new TemporaryDirectory();
  // A rate that sends the head to infinity, and nothing else.
  const broken = ["algorithm.value_learning_rate=1e38", "optimizer.warmup_updates=0"];
  const more = ["train.iterations=6", "train.max_skipped_updates=3", "modulation.type=none"];
  const config = smallConfig(...PPO, ...broken, ...more);
  const { result, rows, notes } = await runIn(temporary.file("run"), config);
  expect(result).toMatchObject({ end: "diverged", iterations: 1 });
  // The second update of the first iteration sees what the first one did.
  expect(rows[0]!.updates_skipped).toBe(1);
  expect(notes.join("\n")).toContain("the value head has diverged");
}, 300_000);

describe("one update on stored trajectories", () => {
  const temporary = new TemporaryDirectory();
  const stored = temporary.file("rollouts.jsonl");
  afterAll(() => temporary[Symbol.dispose]());

  async function trajectories(): Promise<Trajectory[]> {
    if (!existsSync(stored)) {
      const shape = ["--max-turns", "3", "--max-tokens-per-turn", "7"];
      const played = ["rollout", "--model", "builtin:tiny", "--env", "textcraft", ...shape];
      const { code } = await runCli([
        ...played,
        "--episodes",
        "6",
        "--group-size",
        "3",
        "--out",
        stored,
      ]);
      expect(code).toBe(0);
    }
    const all = await Array.fromAsync(readTrajectories(stored));
    return all.map((one, i) => ({ ...one, return: one.return + (i % 3) }));
  }

  async function update(model: string, ...overrides: string[]) {
    const out = temporary.file(`updated-${Bun.hash(JSON.stringify([model, overrides]))}`);
    rmSync(out, { recursive: true, force: true });
    const one = ["train.minibatches=1", "optimizer.learning_rate=1e-3", ...PPO, ...overrides];
    const config = smallConfig(...one);
    const row = await updateOnce(await testGpu(), config, {
      ...{ model, trajectories: await trajectories(), out },
    });
    return { row, out };
  }

  test.each(["turn", "token"])("the size of a micro-batch changes nothing (%s)", async (gae) => {
    const first = await update("builtin:tiny", `algorithm.gae=${gae}`);
    const model = first.out;
    const whole = await update(model, `algorithm.gae=${gae}`);
    const cut = await update(model, `algorithm.gae=${gae}`, "train.micro_batch_tokens=400");
    expect(whole.row.values_mean).not.toBe(0);
    for (const key of ["loss", "value_loss", "values_mean", "explained_variance", "grad_norm"]) {
      expect(cut.row[key]!, key).toBeClose(whole.row[key]!, TOLERANCE.gradient);
    }
    expect(headIn(cut.out)).toBeClose(headIn(whole.out), TOLERANCE.gradient);
  });

  test("moves the head at ten times the policy's rate, and the head moves the trunk", async () => {
    const { out } = await update("builtin:tiny");
    const head = headIn(out).map(Math.abs);
    // AdamW's first step moves a number by the rate, whatever its gradient's size.
    expect(Math.max(...head)).toBeLessThan(1.01e-2);
    expect(head.filter((size) => size > 0.99e-2).length / head.length).toBeGreaterThan(0.9);
    const slow = headIn((await update("builtin:tiny", "algorithm.value_learning_rate=1e-4")).out);
    expect(Math.max(...slow.map(Math.abs))).toBeLessThan(1.01e-4);

    // A critic that is not zero pulls at the trunk: the weights differ from those of an update without its loss.
    const name = "model.layers.0.mlp.down_proj.weight";
    const weights = async (...overrides: string[]) =>
      readAll(openModel((await update(out, ...overrides)).out)).get(name)!;
    const [pulled, alone] = [await weights(), await weights("algorithm.value_coefficient=0")];
    expect(pulled.some((value, i) => value !== alone[i])).toBe(true);
  });

  test("a value head of another model is refused by name", async () => {
    const { out } = await update("builtin:tiny");
    const head = openSafetensors(join(out, "value_head.safetensors"));
    const width = head.tensors.get("value_head.weight")!.shape[1]!;
    const wrong = [
      { name: "value_head.weight", shape: [1, 3], pieces: () => [new Float32Array(3)] },
      { name: "value_head.bias", shape: [1], pieces: () => [new Float32Array(1)] },
    ];
    await Bun.write(
      join(out, "value_head.safetensors"),
      Buffer.concat(await Array.fromAsync(safetensorsChunks(wrong))),
    );
    await expect(update(out)).rejects.toThrow(
      `"value_head.weight" is (1, 3), the model asks for (1, ${width})`,
    );
  });

  test("the metrics of a critic are those of PPO alone", async () => {
    const keys = ["value_loss", "values_mean", "explained_variance"];
    const ppo = Object.keys((await update("builtin:tiny")).row);
    const grpo = Object.keys((await update("builtin:tiny", "algorithm.method=grpo")).row);
    expect(ppo.filter((key) => !grpo.includes(key))).toEqual(keys);
    expect(ppo.indexOf("value_loss")).toBeLessThan(ppo.indexOf("time_rollout_ms"));
  });
});
