// bun bench/peers/model.ts --model DIR [--python PATH] [--device NAME] [--tokens N]
// Tokens per second of any model directory: score, update, decode with 1, 16 and 64 rows; beside PyTorch where it is given.

import { parseArgs } from "node:util";
import { UserError } from "../../src/core/errors.ts";
import { formatBytes } from "../../src/core/format.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { blocksFor, emptySequence } from "../../src/model/block-pool.ts";
import { openModel } from "../../src/model/builtin.ts";
import { Generator } from "../../src/model/generate.ts";
import { createModel } from "../../src/model/model.ts";
import { packGroups } from "../../src/model/packing.ts";
import { Scorer } from "../../src/model/scorer.ts";
import { Trainer } from "../../src/model/trainer.ts";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    python: { type: "string" },
    device: { type: "string" },
    tokens: { type: "string", default: "256" },
  },
});
if (!flags.model) throw new UserError("expected --model DIR");
const count = Number(flags.tokens);
const RUNS = 3;
const DECODED = 3;
const PROMPT = 8;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Median seconds of a few runs after one that compiles. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  await work();
  const taken: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await work();
    taken.push((performance.now() - start) / 1000);
  }
  return median(taken);
}

const gpu = await openGpu(flags.device);
const begun = performance.now();
const files = openModel(flags.model);
const { config } = files;
using scope = gpu.scope();
const model = await createModel(gpu, scope, config, files.weights, 1024);
const loadSeconds = (performance.now() - begun) / 1000;
const loadedBytes = process.memoryUsage.rss();
const ids = Array.from({ length: count }, (_, i) => (i * 7919) % config.vocabulary);
const figures: Record<string, number> = {};

{
  using own = gpu.scope();
  const scorer = new Scorer(gpu, own, model, count);
  figures.score = count / (await seconds(() => scorer.score([ids], 1)));
}
for (const rows of [1, 16, 64]) {
  using own = gpu.scope();
  const blocks = rows * blocksFor(PROMPT + (RUNS + 1) * DECODED);
  const size = { tokens: Math.max(rows, 64), rows, draws: 1, blocks };
  const generator = new Generator(gpu, own, model, size);
  const sampling = { temperature: 1, topP: 1, topK: 0 };
  const sequences = Array.from({ length: rows }, (_, seed) => ({ own: emptySequence(), seed }));
  const fed = sequences.map((row) => ({ own: row.own, pieces: [ids.slice(0, PROMPT)] }));
  await generator.extend(fed, sampling);
  let index = 0;
  const decode = async () => {
    for (let step = 0; step < DECODED; step++, index++) {
      const extensions = sequences.map(({ own, seed }) => ({
        ...{ own, pieces: [[ids[index]!]], draw: { seed, index, count: 1 } },
      }));
      await generator.extend(extensions, sampling);
    }
  };
  figures[`decode_${rows}`] = (rows * DECODED) / (await seconds(decode));
}
{
  using own = gpu.scope();
  const trainer = new Trainer(gpu, own, model, Math.ceil(count / 64) * 64);
  const packed = packGroups([{ prefix: [], members: [ids] }]);
  const targets = {
    ...{ rows: Uint32Array.from({ length: count - 1 }, (_, i) => i), temperature: 1 },
    tokens: Uint32Array.from(ids.slice(1)),
  };
  const adamw = { learningRate: 1e-6, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };
  let step = 0;
  gpu.write(trainer.head.weight, new Float32Array(count - 1).fill(-1 / count));
  const update = async () => {
    trainer.accumulate(packed, targets, () => {});
    trainer.step(1, { ...adamw, step: ++step });
    await gpu.idle();
  };
  figures.update = count / (await seconds(update));
}

const peer = flags.python ? await measurePyTorch(flags.python) : undefined;
console.log(`empg     ${gpu.adapter.adapter.info.description}`);
console.log(`loaded   ${loadSeconds.toFixed(1)} s, then ${formatBytes(loadedBytes)} resident`);
for (const [name, own] of Object.entries(figures)) {
  const other = peer?.[name];
  const beside = other
    ? `   PyTorch ${other.toPrecision(3)}   ratio ${(own / other).toPrecision(2)}`
    : "";
  console.log(`${name.padEnd(10)} ${own.toPrecision(3)} tok/s${beside}`);
}
console.log(JSON.stringify({ model: flags.model, tokens: count, figures, peer }));
process.exit(0);

async function measurePyTorch(python: string): Promise<Record<string, number>> {
  const script = `${import.meta.dir}/model.py`;
  const child = Bun.spawn([python, script, flags.model!, String(count)], { stdout: "pipe" });
  const out = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new UserError(`${python} ${script} failed`);
  return JSON.parse(out.trim().split("\n").at(-1)!);
}
