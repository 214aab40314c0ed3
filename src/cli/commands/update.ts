/** `empg update`: exactly one policy update from stored trajectories. */

import { existsSync } from "node:fs";
import { UserError } from "../../core/errors.ts";
import { defineCommand, EXIT } from "../command.ts";
import { list, operand, text } from "../flags.ts";

export const command = defineCommand({
  name: "update",
  summary: "one policy update from stored trajectories",
  operands: { config: operand.optional("a TOML file; absent: every default") },
  flags: {
    model: text("M", "a model directory, or builtin:NAME", { fallback: "builtin:tiny" }),
    trajectories: text("FILE", "JSON Lines, one episode a line; - is standard input"),
    out: text("DIR", "where the updated model goes"),
    set: list("SECTION.KEY=VALUE", "override one key of the configuration"),
  },
  async run({ config: file, model: path, trajectories: input, out, set, seed, device, json }, io) {
    if (!input) throw new UserError("update: --trajectories is missing");
    if (!out) throw new UserError("update: --out is missing");
    if (existsSync(out)) throw new UserError(`${out}: exists already`, "name another directory");
    refuseMore(set);
    const { loadConfig } = await import("../../train/config-file.ts");
    const { openModel } = await import("../../model/builtin.ts");
    const { readTrajectories } = await import("../../rollout/trajectory.ts");
    const { updateOnce } = await import("../../train/update-once.ts");
    const { openGpu } = await import("../../gpu/device.ts");
    const oneUpdate = ["train.epochs=1", "train.minibatches=1"];
    const seeds = seed === undefined ? [] : [`run.seed=${seed}`];
    const config = await loadConfig(file, [...set, ...seeds, ...oneUpdate]);
    const { vocabulary } = openModel(path).config;
    const trajectories = await Array.fromAsync(readTrajectories(input, vocabulary));
    if (trajectories.length === 0) {
      throw new UserError(`${input === "-" ? "standard input" : input}: no trajectory`);
    }
    const gpu = await openGpu(device ?? config.run.device);
    const row = await updateOnce(gpu, config, { model: path, trajectories, out }, io.note);
    gpu.close();
    if (json) io.out(JSON.stringify(row));
    else for (const [key, value] of Object.entries(row)) io.out(`${key.padEnd(24)} ${value}`);
    return row.updates_skipped === 0 ? EXIT.done : EXIT.diverged;
  },
});

/** A file may ask for more, which a run makes with it; what is asked for here is done, or refused. */
function refuseMore(set: readonly string[]): void {
  const more = set.find((pair) => /^\s*train\.(epochs|minibatches)\s*=\s*(?!1\s*$)/.test(pair));
  if (more !== undefined)
    throw new UserError(`--set ${more}: one update alone is made`, "allowed: 1");
}
