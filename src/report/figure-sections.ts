/** The parts of the page that its scripts fill, with what a reader has to know of each drawing. */

import type { Arm } from "./arms.ts";
import { armHtml } from "./comparison-html.ts";
import { dataTable } from "./data-table.ts";
import { RANKS } from "./entropy-facts.ts";
import { escapeHtml } from "./page-html.ts";
import { EPISODES } from "./shown-episodes.ts";

export function curvesSection(arms: readonly Arm[]): string {
  return `<h2 id="training">Curves</h2>
<p class="soft">Line: mean over an arm's runs; thin where fewer of them came so far than at its fullest, since others ended or are still on
their way: what moves there may be the change of company. Band: from the lowest run to the highest. Success at evaluations stands over
generated tokens, as far as half of an arm's runs went, on straight lines between evaluations, since iterations differ in tokens. Triangles at the top: signs
of collapse. Point at a chart to read its values.</p>
<div class="controls" id="curve-controls" role="group" aria-label="Arms and how they are drawn"></div>
<div class="charts" id="curves"></div>
${collapseSigns(arms)}`;
}

function collapseSigns(arms: readonly Arm[]): string {
  const rows = arms.flatMap(({ name, runs }, index) =>
    runs.flatMap(({ seed, files }) =>
      (files?.signals ?? []).map(({ iteration, signal, value, limit, action }) => {
        const figures = [value, limit].map((one) =>
          typeof one === "number" ? String(Number(one.toPrecision(4))) : "–",
        );
        const cells = [String(seed), String(iteration), signal, ...figures, action];
        return { name: armHtml(name, index), cells: cells.map(escapeHtml) };
      }),
    ),
  );
  if (rows.length === 0) return '<p class="soft">No run showed a sign of collapse.</p>';
  const head = ["arm", "seed", "iteration", "signal", "value", "limit", "answer"];
  return `<h3>Signs of collapse</h3>\n${dataTable(head, rows)}`;
}

export function entropySection(): string {
  return `<h2 id="entropy">Entropy of steps</h2>
<h3>Step entropy by rank, first saved iteration against last</h3>
<p class="soft">Drawn after the paper's figure of entropy against its change by percentile (arXiv 2509.09265), but <b>no step is measured
twice here</b>: a later iteration plays other tasks and writes other steps. So two distributions are compared rank by rank. The
steps of the first saved iteration, of all of an arm's runs together, are ordered by H and cut into ${RANKS} equal parts; those of
the last saved iteration likewise. First chart: mean H of each part, first saved iteration. Second chart: mean H of a part in the last, minus
mean H of the same part in the first. Below zero, the steps of that rank are less uncertain than those of that rank were;
whether any one step became so, this cannot tell. Runs with one saved iteration are left out.</p>
<div class="legend" id="change-legend"></div>
<div class="charts" id="change"></div>
<h3>Distributions of H, h, g and f</h3>
<div class="controls" id="histogram-controls"></div>
<p class="soft" id="histogram-note"></p>
<div class="charts" id="histograms"></div>
<p class="soft">Height: share of steps in %. Grey: first saved iteration of the arm's runs; coloured: the last. H is of all saved steps; h, g and f are of those
that were trained on. The last bin holds what lies beyond the 99.5th percentile.</p>`;
}

/** @param undecoded runs whose tokens have no texts */
export function viewerSection(undecoded: number): string {
  const lost =
    undecoded > 0
      ? `<p class="soft">The model of ${undecoded} runs could not be opened: their responses stand without tokens.</p>`
      : "";
  const figures = entries([
    ["H", "step entropy in nats; the bar is against the largest of the episode"],
    ["h", "H normalized over the batch: 0 to 1, or with z-score around 0"],
    ["g", "gate on the advantage: above 1 for steps that are surer than most, below 1 for others"],
    [
      "f next",
      "clarity of the next step: 0 to 1, with z-score above 1 for the surest; the bonus is ζ times it",
    ],
    ["A", "advantage as the method gives it, before modulation"],
    ["A final", "advantage that was trained on; both bars are against the episode's largest"],
  ]);
  const verdicts = entries([
    ["amplified", "A &gt; 0, and A final is more than 5 % above it"],
    ["damped", "A &gt; 0, and A final is more than 5 % below it"],
    ["kept", "A &gt; 0, and A final is within 5 % of it"],
    ["punished harder", "A &lt; 0, and A final is more than 5 % further from zero"],
    ["treated gently", "A &lt; 0, and A final is more than 5 % nearer to zero"],
    ["punished as before", "A &lt; 0, and A final is within 5 % of it"],
    ["turned over", "A final has the other sign"],
    ["bonus only", "A was 0, and the bonus, centred, leaves A final above it"],
    ["pulled below 0", "A was 0, and centring takes more than the bonus gives"],
    ["not trained on", "the step's group was dropped, or nothing was written down"],
  ]);
  return `<h2 id="trajectories">Trajectories</h2>
<p>What the agent read and wrote, turn by turn, and what became of each turn's advantage. Here are up to ${EPISODES} episodes
of each run's first, middle and last saved iteration: successes and failures in turn, those that were trained on first; fewer where they are long, so
that the page stays small. They are no random sample. The run directories hold all that was saved.</p>
${lost}<p class="soft">Behind each token its entropy in nats: <span class="legend-shade" id="shade-legend"></span>, as dark for all
above 1.5. Dashed frame: a special token.</p>
<details><summary>What the figures and words of a turn mean</summary>
<div class="tables"><dl class="help">${figures}</dl><dl class="help">${verdicts}</dl></div></details>
<div class="controls" id="viewer-controls" role="group" aria-label="Episode"></div>
<div class="controls" id="verdict-controls" role="group" aria-label="Turns of the run by what became of them"></div>
<div id="episode"></div>`;
}

function entries(all: readonly (readonly [string, string])[]): string {
  return all.map(([word, meaning]) => `<dt>${word}</dt><dd>${meaning}</dd>`).join("");
}
