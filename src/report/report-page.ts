/** `empg report`: everything that runs wrote down, as one page. */

import type { Arm, Arms } from "./arms.ts";
import { besideFigures } from "./beside-figures.ts";
import { type ComparisonTable, comparisonTable, type TableOptions } from "./comparison.ts";
import { armHtml, comparisonHtml } from "./comparison-html.ts";
import { differences, flatten, valueText } from "./config-text.ts";
import { curveCharts } from "./curves.ts";
import { entropyFacts, RANKS } from "./entropy-facts.ts";
import { escapeHtml, pageHtml } from "./page-html.ts";
import { PUBLISHED, PUBLISHED_SETTING, type PublishedTable } from "./published.ts";
import type { RunFiles } from "./run-files.ts";
import { savedIterations } from "./saved-rollouts.ts";
import { type Decoder, EPISODES, shownIterations } from "./shown-episodes.ts";

/** All trajectories of a page together; the rest of it is far below a megabyte. */
const TRAJECTORY_BYTES = 10e6;

export interface Report {
  readonly html: string;
  readonly table: ComparisonTable;
}

/**
 * @param decoderOf how a run's token ids read; undefined where its model is not there any more
 * @throws UserError for saved trajectories that are malformed
 */
export function reportPage(
  arms: Arms,
  decoderOf: (run: RunFiles) => Decoder,
  options: TableOptions = {},
): Report {
  const table = comparisonTable(arms, options);
  const begun = arms.arms.flatMap(({ runs }, arm) =>
    runs.flatMap(({ seed, files }) => (files ? [{ arm, seed, files }] : [])),
  );
  const budget = TRAJECTORY_BYTES / begun.length;
  const opened = begun.map(({ arm, seed, files }) => {
    const saved = savedIterations(files);
    const decoder = saved.length > 0 ? decoderOf(files) : undefined;
    const shown = shownIterations(saved, decoder, budget);
    return { arm, seed, saved, decoded: decoder !== undefined, shown, zeta: zetaOf(files) };
  });
  const withSaved = opened.filter(({ saved }) => saved.length > 0);
  const data = {
    arms: arms.arms.map(({ name }) => ({ name })),
    curves: curveCharts(arms.arms),
    signals: begun.flatMap(({ arm, files }) =>
      files.signals.map(({ iteration }) => ({ arm, iteration })),
    ),
    entropy: arms.arms.map((_, index) =>
      entropyFacts(opened.filter(({ arm }) => arm === index).map(({ saved }) => saved)),
    ),
    runs: withSaved.map(({ arm, seed, zeta, shown }) => ({ arm, seed, zeta, iterations: shown })),
  };
  const undecoded = withSaved.filter(({ decoded }) => !decoded).length;
  const sections = [
    header(arms.arms, table, begun),
    `<h2 id="comparison">Comparison</h2>\n${comparisonHtml(table)}\n${beside(arms.arms)}\n${published()}`,
    curvesSection(arms.arms),
    entropySection(),
    viewerSection(undecoded),
  ];
  return { html: pageHtml(titleOf(arms.arms), sections.join("\n"), data), table };
}

function zetaOf({ config }: RunFiles): number {
  const flat = flatten(config);
  const zeta = flat.get("modulation.zeta");
  return flat.get("modulation.type") === "empg" && typeof zeta === "number" ? zeta : 0;
}

function titleOf(arms: readonly Arm[]): string {
  const names = arms.slice(0, 3).map(({ name }) => name);
  return `empg report: ${names.join(", ")}${arms.length > 3 ? ` and ${arms.length - 3} more` : ""}`;
}

/** What was run: worlds, models, devices, budget, and in which settings the arms differ. */
function header(
  arms: readonly Arm[],
  { token_budget: budget }: ComparisonTable,
  begun: readonly { readonly files: RunFiles }[],
): string {
  const collect = (pick: (files: RunFiles) => unknown) =>
    [...new Set(begun.map(({ files }) => pick(files)))]
      .filter((value) => value !== undefined)
      .map(String)
      .join("; ") || "–";
  const key = (name: string) => collect(({ config }) => flatten(config).get(name));
  const seeds = [...new Set(arms.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const facts = [
    [
      "world",
      `${key("env.name")}, training on ${key("env.split")}, evaluated on ${key("eval.split")}`,
    ],
    ["model", key("model.path")],
    ["device", collect(({ device }) => device)],
    ["seeds", seeds.join(", ")],
    budget === null
      ? ["iterations", `${key("train.iterations")} planned`]
      : ["budget", `${budget.toLocaleString("en-US")} generated tokens per run`],
    ["runs", `${begun.length} begun of ${arms.reduce((sum, { runs }) => sum + runs.length, 0)}`],
  ].map(([name, text]) => `<dt>${name}</dt><dd>${escapeHtml(text!)}</dd>`);
  return `<h1>empg report</h1>
<p>${arms.map(({ name }, index) => armHtml(name, index)).join(" &nbsp; ")}</p>
<nav><a href="#setup">What was run</a><a href="#comparison">Comparison</a><a href="#training">Curves</a>
<a href="#entropy">Entropy</a><a href="#trajectories">Trajectories</a></nav>
<h2 id="setup">What was run</h2>
<dl>${facts.join("")}</dl>
${settings(arms)}`;
}

/** The keys in which the arms' configurations differ, beside seed and name. */
function settings(arms: readonly Arm[]): string {
  const known = arms.flatMap((arm, index) => {
    const files = arm.runs.find((run) => run.files)?.files;
    return files ? [{ name: arm.name, index, config: files.config }] : [];
  });
  const rows = differences(known.map(({ config }) => config))
    .filter(({ key }) => key !== "run.seed" && key !== "run.name")
    .map(({ key, values }) => {
      const cells = values.map((value) => `<td>${escapeHtml(valueText(value))}</td>`);
      return `<tr><th scope="row">${escapeHtml(key)}</th>${cells.join("")}</tr>`;
    });
  if (rows.length === 0) return "";
  const head = known.map(({ name, index }) => `<th>${armHtml(name, index)}</th>`);
  return `<h3>Settings that differ between the arms</h3>
<div class="scroll"><table><thead><tr><th>key</th>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function beside(arms: readonly Arm[]): string {
  const { kinds, rows } = besideFigures(arms);
  if (kinds.length === 0) return "";
  const head = kinds.map((kind) => `<th>${escapeHtml(kind)}</th>`).join("");
  const body = arms.map(({ name }, index) => {
    const cells = rows[index]!.map((text) => `<td>${escapeHtml(text)}</td>`).join("");
    return `<tr><th scope="row">${armHtml(name, index)}</th>${cells}</tr>`;
  });
  return `<h3>Measured beside it: success in %, first → last</h3>
<div class="scroll"><table><thead><tr><th>arm</th>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function published(): string {
  const tables = PUBLISHED.map(({ title, head, rows }: PublishedTable) => {
    const headHtml = head.map((text) => `<th>${escapeHtml(text)}</th>`).join("");
    const body = rows.map(([name, ...cells]) => {
      const figures = cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("");
      return `<tr><th scope="row">${escapeHtml(name!)}</th>${figures}</tr>`;
    });
    return `<h3>${escapeHtml(title)}</h3>
<div class="scroll"><table><thead><tr>${headHtml}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
  });
  return `<details open><summary><strong>Published figures, in their own setting</strong></summary>
${tables.join("\n")}<p class="soft">${escapeHtml(PUBLISHED_SETTING)}</p></details>`;
}

function curvesSection(arms: readonly Arm[]): string {
  const signals = arms.flatMap(({ name, runs }, index) =>
    runs.flatMap(({ seed, files }) =>
      (files?.signals ?? []).map(({ iteration, signal, value, limit, action }) => {
        const figures = [value, limit].map((one) =>
          typeof one === "number" ? String(Number(one.toPrecision(4))) : "–",
        );
        const cells = [String(seed), String(iteration), signal, ...figures, action];
        return `<tr><th scope="row">${armHtml(name, index)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
      }),
    ),
  );
  const head = ["arm", "seed", "iteration", "signal", "value", "limit", "answer"];
  const list =
    signals.length === 0
      ? '<p class="soft">No run showed a sign of collapse.</p>'
      : `<h3>Signs of collapse</h3><div class="scroll"><table><thead><tr>${head.map((text) => `<th>${text}</th>`).join("")}</tr></thead><tbody>${signals.join("")}</tbody></table></div>`;
  return `<h2 id="training">Curves</h2>
<p class="soft">Line: mean of an arm's runs that came so far. Band: from its lowest run to its highest. Triangles at the
top: signs of collapse.</p>
<div class="controls" id="curve-controls"></div><div class="charts" id="curves"></div>
${list}`;
}

function entropySection(): string {
  return `<h2 id="entropy">Entropy of steps</h2>
<h3>Entropy against its change, by percentile</h3>
<p class="soft">After the figure of arXiv 2509.09265. How it is computed here: the steps of the first saved iteration of an
arm's runs are ordered by H and cut into ${RANKS} equal parts, and so are those of the last saved iteration. Left: mean H of each
part of the first. Right: mean H of a part of the last minus mean H of the same part of the first. It compares two sets
of steps rank by rank: the steps are not the same ones, since each iteration plays other tasks. Runs with one saved
iteration are left out.</p>
<div class="charts" id="change"></div>
<h3>Distributions</h3>
<div class="controls" id="histogram-controls"></div><div class="charts" id="histograms"></div>
<p class="soft">H of all saved steps of an arm's first and last saved iterations; h, g and f of those that were trained on.
The last bin holds what lies beyond the 99.5th percentile.</p>`;
}

function viewerSection(undecoded: number): string {
  const lost =
    undecoded > 0
      ? `<p class="soft">The model of ${undecoded} runs could not be opened: their responses stand without tokens.</p>`
      : "";
  return `<h2 id="trajectories">Trajectories</h2>
<p class="soft">Up to ${EPISODES} episodes of each run's first, middle and last saved iteration, successes and failures in
turn, those that were trained on first; fewer where they are long, so that the page stays small. The run directories hold all that was saved.</p>
${lost}<p class="soft">Behind each token its entropy in nats: <span class="legend-shade" id="shade-legend"></span>. Dashed
frame: a special token. The word says what modulation made of a step's advantage A. A &gt; 0: <b>amplified</b> when A final is
more than 5 % above A, <b>damped</b> when more than 5 % below, else <b>kept</b>. A &lt; 0: <b>punished harder</b> when more
than 5 % further from zero, <b>treated gently</b> when more than 5 % nearer, else <b>punished as before</b>. <b>Turned over</b>: the
sign changed. <b>Bonus only</b> or <b>centring only</b>: A was 0, and what is left is above or below zero. <b>Not trained on</b>: the step's group was
dropped, or nothing was written down.</p>
<div class="controls" id="viewer-controls"></div><div id="episode"></div>`;
}
