/** `empg export`: a run's weights for other tools. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { defineCommand } from "../command.ts";
import { choice, operand, text } from "../flags.ts";
import { required, requireNewDirectory } from "../required.ts";

const DTYPES = { float32: "F32", bfloat16: "BF16", float16: "F16" } as const;

export const command = defineCommand({
  name: "export",
  summary: "a run's newest weights for transformers, or its adapter for PEFT; needs no GPU",
  operands: { run: operand.one("a run directory, a checkpoint, or a model directory") },
  flags: {
    format: choice(
      ["hf", "peft"],
      "hf: a whole model, with its adapter merged; peft: the adapter alone",
      {
        fallback: "hf",
      },
    ),
    out: text("DIR", "where to; must be new or empty"),
    dtype: choice(["float32", "bfloat16", "float16"], "how the weights are written", {
      fallback: "float32",
    }),
  },
  async run({ run, format, out, dtype, json }, io) {
    const target = required("export: --out DIR", out);
    requireNewDirectory("--out", target);
    const { openModel } = await import("../../model/builtin.ts");
    const { openText } = await import("../../train/policy.ts");
    const { mergedTensors } = await import("../../model/merge.ts");
    const { writeModelDirectory } = await import("../../model/directory.ts");
    const { adapterTensors, writeAdapterDirectory } = await import(
      "../../model/adapter-directory.ts"
    );
    const { readValueHead, valueHeadTensors, writeValueHead } = await import(
      "../../model/value-head-file.ts"
    );
    const source = newestOf(run);
    const files = openModel(source);
    const { adapter } = files;
    if (format === "peft") {
      if (!adapter) {
        throw new UserError(
          `${source}: no adapter: all weights were trained`,
          "export --format hf",
        );
      }
      const tensors = adapterTensors(files.config, adapter);
      await writeAdapterDirectory(target, adapter.config, files.path, tensors);
    } else {
      const { tokenizer } = openText(source, files);
      const tensors = mergedTensors(files.config, files.weights, adapter);
      const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
      await writeModelDirectory(target, files, tensors, tokens, DTYPES[dtype]);
    }
    const { width } = files.config;
    const head = readValueHead(source, width);
    if (head) await writeValueHead(target, valueHeadTensors(head, width));
    if (json) io.out(JSON.stringify({ source, format, dtype, out: target }));
    else io.out(`${source} → ${target} (${format}, ${dtype})`);
  },
});

/** The newest checkpoint of a run; any other directory is what it is. */
function newestOf(path: string): string {
  const latest = join(path, "checkpoints", "latest");
  if (!existsSync(latest)) {
    if (!existsSync(join(path, "config.toml"))) return path;
    throw new UserError(`${path}: this run has no checkpoint yet`);
  }
  return join(path, "checkpoints", readFileSync(latest, "utf8").trim());
}
