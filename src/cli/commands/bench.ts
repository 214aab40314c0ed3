/** `empg bench`: checks kernels, then times them against what this device reaches at best. */

import { defineCommand, EXIT } from "../command.ts";
import { operand, text } from "../flags.ts";

export const command = defineCommand({
  name: "bench",
  summary: "check kernels, then time them against what this device reaches at best",
  operands: { names: operand.any("benchmarks, by file or by row; all when absent") },
  flags: { compare: text("FILE", "an earlier report: what got more than 15 % slower fails") },
  async run({ names, compare, device, json }, io) {
    const { chooseBenchmarks } = await import("../../../bench/catalog.ts");
    const report = await import("../../../bench/report.ts");
    const { failureText, rooflineText, rowText } = await import("../../../bench/report-text.ts");
    const { measureRoofline } = await import("../../../bench/roofline.ts");
    const { runBenchmark } = await import("../../../bench/suite.ts");
    const { withGpu } = await import("../with-gpu.ts");

    // Mistakes in names and files are told before a device is opened.
    chooseBenchmarks(names, "gpu");
    const baseline = compare === undefined ? new Map() : await report.readBaseline(compare);
    return await withGpu(device, io, async (gpu) => {
      const size = gpu.adapter.software ? "software" : "gpu";
      const roofline = await measureRoofline(gpu);
      const { description } = gpu.adapter.adapter.info;
      const empty = report.makeReport(description, roofline, []);
      if (!json) io.out(rooflineText(empty.roofline));
      const results = [];
      for (const benchmark of chooseBenchmarks(names, size)) {
        const result = await runBenchmark(gpu, benchmark, roofline);
        results.push(result);
        if (json) continue;
        io.out("ms" in result ? rowText(result, baseline) : failureText(result));
      }
      const found = report.makeReport(description, roofline, results);
      if (!json && found.barrier_ratio !== undefined) {
        io.out(`matmul is ${found.barrier_ratio.toFixed(1)} × as fast as barrier-matmul`);
      }
      const slower = found.rows.filter((row) =>
        report.isSlower(row, baseline.get(report.keyOf(row))),
      );
      for (const row of slower) io.note(`slower than in ${compare}: ${report.keyOf(row)}`);
      io.out(JSON.stringify(found));
      return slower.length > 0 || found.failures ? EXIT.failed : EXIT.done;
    });
  },
});
