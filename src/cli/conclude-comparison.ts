/** The end of a comparison: its table on the terminal and in its directory, with the page. */

import { join } from "node:path";
import type { Io } from "./command.ts";

/**
 * @param options `target`: success to reach, in [0, 1]; `json`: the table goes out as JSON instead of Markdown
 */
export async function concludeComparison(
  directory: string,
  { target, json }: { readonly target: number | undefined; readonly json: boolean },
  io: Io,
): Promise<void> {
  const { readArms } = await import("../report/arms.ts");
  const { completedConfig } = await import("../train/completed-config.ts");
  const { comparisonMarkdown } = await import("../report/comparison-markdown.ts");
  const { reportPage } = await import("../report/report-page.ts");
  const { decoders } = await import("./token-texts.ts");
  const { replaceDurably } = await import("../core/durable-files.ts");
  const arms = readArms([directory], completedConfig);
  const { html, table } = reportPage(arms, decoders(io.note), { target });
  const markdown = comparisonMarkdown(table);
  const files = {
    "table.json": `${JSON.stringify(table, null, 2)}\n`,
    "table.md": markdown,
    "report.html": html,
  };
  for (const [name, text] of Object.entries(files)) {
    await replaceDurably(join(directory, name), text);
  }
  io.out(json ? JSON.stringify(table) : markdown.trimEnd());
  const paths = Object.keys(files).map((name) => join(directory, name));
  io.note(`written  ${paths.join(", ")}`);
}
