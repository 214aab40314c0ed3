/** What others measured, beside the comparison: their figures, and their setting beside the one here. */

import { flatten } from "./config-text.ts";
import { dataTable } from "./data-table.ts";
import { escapeHtml } from "./page-html.ts";
import { PUBLISHED, PUBLISHED_SETTING } from "./published.ts";
import { UNLIMITED_ITERATIONS } from "./run-end.ts";
import type { ConfigTable, RunFiles } from "./run-files.ts";
import { valuesOf } from "./setup-section.ts";

export function publishedSection(begun: readonly RunFiles[]): string {
  const setting = PUBLISHED_SETTING.map(({ name, published, keys }) => {
    const here = keys.map((key) => valuesOf(begun, ({ config }) => settingOf(config, key)));
    return { name, cells: [published, here.join(" × ")].map(escapeHtml) };
  });
  const tables = PUBLISHED.map(({ title, head, rows }) => {
    const figures = rows.map(([name, ...cells]) => ({
      name: escapeHtml(name!),
      cells: cells.map(escapeHtml),
    }));
    return `<div><h4>${escapeHtml(title)}</h4>\n${dataTable(head.map(escapeHtml), figures)}</div>`;
  });
  return `<h3 id="published">Published figures</h3>
<p>Success in %, as others report it for their own models, worlds and code: for reading along. <strong>They cannot be compared with
the figures above</strong>; only differences within one setting can. The article's figures for Qwen2.5-7B are not those of the paper; both
are given as they stand. The article also claims about 30 % fewer retries with the clarity bonus.</p>
<div class="tables">${tables.join("\n")}
<div><h4>The setting of these figures, and the one here</h4>
${dataTable(["setting", "published", "here"], setting)}</div></div>`;
}

/** A run that its tokens end has no planned iterations. */
function settingOf(config: ConfigTable, key: string): unknown {
  const value = flatten(config).get(key);
  return key === "train.iterations" && value === UNLIMITED_ITERATIONS
    ? "as many as its tokens allow"
    : value;
}
