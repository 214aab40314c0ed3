/** A run that was killed at any moment and resumed ends in the bytes of one that was left alone. */

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { randomFrom } from "../../src/core/random.ts";
import { remains } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;

/** The demo, cut down to seconds. */
const SMALL = [
  "train.iterations=4",
  "train.checkpoint_every=1",
  "train.minibatches=2",
  "rollout.tasks_per_iteration=2",
  "rollout.group_size=3",
  "rollout.max_tokens_per_turn=8",
  "env.max_turns=2",
  "eval.every=2",
  "eval.episodes=3",
].flatMap((pair) => ["--set", pair]);

function start(...args: string[]) {
  const command = [process.execPath, MAIN, "train", ...args];
  return Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
}

test("SIGKILL at random moments changes no byte of what a run leaves", async () => {
  using temporary = new TemporaryDirectory();
  const whole = temporary.file("whole");
  const begun = performance.now();
  expect(await start(...SMALL, "--out", whole).exited).toBe(0);
  const wholeMs = performance.now() - begun;

  const killed = temporary.file("killed");
  const random = randomFrom(Date.now());
  const moments: number[] = [];
  for (let kill = 0; kill < 3; kill++) {
    const run = kill === 0 ? start(...SMALL, "--out", killed) : start("--resume", killed);
    // Before there is a run directory there is nothing to resume.
    while (!existsSync(join(killed, "config.toml"))) await Bun.sleep(5);
    const moment = Math.round(random.uniform() * wholeMs * 0.7);
    moments.push(moment);
    await Bun.sleep(moment);
    run.kill("SIGKILL");
    await run.exited;
  }
  expect(await start("--resume", killed).exited).toBe(0);
  // The moments are part of the comparison's message, so that a failure can be played again.
  expect({ moments, ...remains(killed) }).toEqual({ moments, ...remains(whole) });
}, 300_000);
