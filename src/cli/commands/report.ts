/** `empg report`: what runs did, as one page for a browser. */

import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../core/errors.ts";
import { formatBytes } from "../../core/format.ts";
import { defineCommand } from "../command.ts";
import { operand, text } from "../flags.ts";
import { TARGET } from "../report-flags.ts";

export const command = defineCommand({
  name: "report",
  summary: "curves, tables and trajectories of runs as one HTML file; needs no GPU",
  operands: { runs: operand.any("run directories, or one that empg compare made") },
  flags: {
    out: text("FILE.html", "where to; an older page is replaced"),
    target: TARGET,
  },
  async run({ runs, out, target, json }, io) {
    if (runs.length === 0) {
      throw new UserError("report: RUN is missing", "name run directories, or one of empg compare");
    }
    if (out === undefined && !json) {
      throw new UserError(
        "report: nothing to write: neither --out FILE.html nor --json is given",
        "empg report RUN --out report.html",
      );
    }
    if (out !== undefined) requirePage(out);
    const { readArms } = await import("../../report/arms.ts");
    const { completedConfig } = await import("../../train/completed-config.ts");
    const arms = readArms(runs, completedConfig);
    if (out === undefined) {
      const { comparisonTable } = await import("../../report/comparison.ts");
      io.out(JSON.stringify(comparisonTable(arms, { target })));
      return;
    }
    const { reportPage } = await import("../../report/report-page.ts");
    const { decoders } = await import("../token-texts.ts");
    const { replaceDurably } = await import("../../core/durable-files.ts");
    const { writeFailure } = await import("../../core/text-file.ts");
    const { html, table } = reportPage(arms, decoders(io.note), { target });
    try {
      await replaceDurably(out, html);
    } catch (error) {
      throw writeFailure(out, error);
    }
    if (json) io.out(JSON.stringify(table));
    else io.out(`${out} (${formatBytes(Buffer.byteLength(html))})`);
  },
});

/** A page can be written there, and replaces nothing but a page. */
function requirePage(out: string): void {
  if (!out.endsWith(".html")) {
    throw new UserError(`--out ${out}: expected a name that ends with .html`);
  }
  if (existsSync(out) && statSync(out).isDirectory()) {
    throw new UserError(`--out ${out}: is a directory`, "name a file in it");
  }
  if (!existsSync(dirname(out))) {
    throw new UserError(`--out ${out}: there is no directory ${dirname(out)}`);
  }
}
