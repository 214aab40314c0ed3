// bun bench/peers/run.ts --python PATH [--device NAME]: decode and update, empg beside PyTorch, one after the other.

import { parseArgs } from "node:util";
import { z } from "zod";
import { UserError } from "../../src/core/errors.ts";
import { formatCount } from "../../src/core/format.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { chooseBenchmarks } from "../catalog.ts";
import { measureRoofline } from "../roofline.ts";
import { runBenchmark } from "../suite.ts";

const Peer = z.object({
  torch: z.string(),
  transformers: z.string().nullable(),
  threads: z.number(),
  decode_tokens_per_s: z.number().positive(),
  update_tokens_per_s: z.number().positive(),
});

const FIGURES = ["decode", "update"] as const;

/** Runs tokens.py. @throws UserError with Python's own words when it fails */
async function measurePyTorch(python: string): Promise<z.infer<typeof Peer>> {
  const script = `${import.meta.dir}/tokens.py`;
  const child = Bun.spawn([python, script], { stdout: "pipe", stderr: "pipe" });
  const [out, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) {
    throw new UserError(`${python} ${script} failed: ${errors.trim().split("\n").at(-1)}`);
  }
  return Peer.parse(JSON.parse(out));
}

/** Tokens per second by figure, and the adapter they were reached on. */
async function measureEmpg(device: string | undefined) {
  const gpu = await openGpu(device);
  try {
    const roofline = await measureRoofline(gpu);
    const size = gpu.adapter.software ? "software" : "gpu";
    const speeds = new Map<string, number>();
    for (const benchmark of chooseBenchmarks(FIGURES, size)) {
      const row = await runBenchmark(gpu, benchmark, roofline);
      if ("problem" in row) throw new Error(`${row.name}: ${row.problem}`);
      speeds.set(row.name, row.tokens_per_s!);
    }
    return { adapter: gpu.adapter.adapter.info.description, speeds };
  } finally {
    gpu.close();
  }
}

const { values } = parseArgs({
  options: { python: { type: "string", default: "python3" }, device: { type: "string" } },
});
const peer = await measurePyTorch(values.python);
const { adapter, speeds } = await measureEmpg(values.device);
const library = peer.transformers ? ` + transformers ${peer.transformers}` : ", plain model";
console.log(`empg     ${adapter}`);
console.log(`PyTorch  torch ${peer.torch}${library}, ${peer.threads} threads`);
const figures = FIGURES.map((name) => {
  const [empg, pytorch] = [speeds.get(name)!, peer[`${name}_tokens_per_s`]];
  const ratio = empg / pytorch;
  const pair = `empg ${formatCount(empg)} tok/s   PyTorch ${formatCount(pytorch)} tok/s`;
  console.log(`${name}   ${pair}   empg / PyTorch ${ratio.toPrecision(2)}`);
  return { name, empg, pytorch, ratio };
});
console.log(JSON.stringify({ adapter, peer, figures }));
process.exit(0);
