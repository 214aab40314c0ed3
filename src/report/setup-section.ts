/** The head of the page: worlds, models, devices, budget, and in which settings the arms differ. */

import type { Arm } from "./arms.ts";
import { armHtml, breakable } from "./comparison-html.ts";
import { experimentDifferences, flatten, valueText } from "./config-text.ts";
import { dataTable } from "./data-table.ts";
import { escapeHtml } from "./page-html.ts";
import type { RunFiles } from "./run-files.ts";

/** @param budget generated tokens per run; null where nobody said */
export function setupSection(
  arms: readonly Arm[],
  budget: number | null,
  begun: readonly RunFiles[],
): string {
  const key = (name: string) => valuesOf(begun, ({ config }) => flatten(config).get(name));
  const seeds = [...new Set(arms.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const facts = [
    [
      "world",
      `${key("env.name")}, training on ${key("env.split")}, evaluated on ${key("eval.split")}`,
    ],
    ["model", key("model.path")],
    ["device", valuesOf(begun, ({ device }) => device)],
    ["seeds", seeds.join(", ")],
    budget === null
      ? ["iterations", `${key("train.iterations")} planned`]
      : ["budget", `${budget.toLocaleString("en-US")} generated tokens per run`],
    ["runs", `${begun.length} begun of ${arms.reduce((sum, { runs }) => sum + runs.length, 0)}`],
  ].map(([name, text]) => `<dt>${name}</dt><dd>${escapeHtml(text!)}</dd>`);
  return `<h1>empg report</h1>
<p class="arms">${arms.map(({ name }, index) => armHtml(name, index)).join(" ")}</p>
<nav aria-label="Sections"><a href="#setup">What was run</a><a href="#comparison">Comparison</a><a href="#published">Published figures</a><a href="#training">Curves</a>
<a href="#entropy">Entropy</a><a href="#trajectories">Trajectories</a></nav>
<h2 id="setup">What was run</h2>
<dl>${facts.join("")}</dl>
${settings(arms)}`;
}

/** What all runs say, each answer once. */
export function valuesOf(runs: readonly RunFiles[], pick: (files: RunFiles) => unknown): string {
  const known = new Set(runs.map(pick).filter((value) => value !== undefined));
  return [...known].map(String).join("; ") || "not written down";
}

/** The keys in which the arms' configurations differ, beside seed and name. */
function settings(arms: readonly Arm[]): string {
  const known = arms.flatMap((arm, index) => {
    const files = arm.runs.find((run) => run.files)?.files;
    return files ? [{ name: arm.name, index, config: files.completed }] : [];
  });
  const plain = known.map(({ config }) => flatten(config).get("modulation.type") === "none");
  const rows = experimentDifferences(known.map(({ config }) => config)).map(({ key, values }) => {
    const unused = (index: number) =>
      plain[index] && key.startsWith("modulation.") && key !== "modulation.type";
    const cells = values.map((value, index) => valueText(unused(index) ? undefined : value));
    return { name: breakable(key), cells: cells.map(escapeHtml) };
  });
  if (rows.length === 0) return "";
  const head = ["key", ...known.map(({ name, index }) => armHtml(name, index))];
  const note = plain.includes(true)
    ? '<p class="soft">Without modulation its other keys have no effect: –.</p>'
    : "";
  return `<h3>Settings that differ between the arms</h3>\n${dataTable(head, rows)}\n${note}`;
}
