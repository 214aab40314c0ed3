/** `empg report`: everything that runs wrote down, as one page. */

import type { Arm, Arms } from "./arms.ts";
import { besideFigures } from "./beside-figures.ts";
import { type ComparisonTable, comparisonTable, type TableOptions } from "./comparison.ts";
import { armHtml, comparisonHtml } from "./comparison-html.ts";
import { flatten } from "./config-text.ts";
import { curveCharts } from "./curves.ts";
import { dataTable } from "./data-table.ts";
import { entropyFacts } from "./entropy-facts.ts";
import { curvesSection, entropySection, viewerSection } from "./figure-sections.ts";
import { escapeHtml, pageHtml } from "./page-html.ts";
import { publishedSection } from "./published-section.ts";
import type { RunFiles } from "./run-files.ts";
import { savedIterations } from "./saved-rollouts.ts";
import { setupSection } from "./setup-section.ts";
import { type Decoder, shownIterations } from "./shown-episodes.ts";

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
    const modulation = modulationOf(files);
    return { arm, seed, saved, decoded: decoder !== undefined, shown, modulation };
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
    runs: withSaved.map(({ arm, seed, modulation, shown }) => ({
      ...{ arm, seed, modulation, iterations: shown },
    })),
  };
  const undecoded = withSaved.filter(({ decoded }) => !decoded).length;
  const files = begun.map((one) => one.files);
  const sections = [
    setupSection(arms.arms, table.token_budget, files),
    `<h2 id="comparison">Comparison</h2>\n${comparisonHtml(table)}\n${beside(arms.arms)}`,
    publishedSection(files),
    curvesSection(arms.arms),
    entropySection(),
    viewerSection(undecoded),
  ];
  return { html: pageHtml(titleOf(arms.arms), sections.join("\n"), data), table };
}

/** ζ of a run, as its viewer shows it; null without modulation. */
function modulationOf({ config }: RunFiles): { readonly zeta: number } | null {
  const flat = flatten(config);
  const type = flat.get("modulation.type");
  if (type === undefined || type === "none") return null;
  const zeta = flat.get("modulation.zeta");
  return { zeta: typeof zeta === "number" ? zeta : 0 };
}

function titleOf(arms: readonly Arm[]): string {
  const names = arms.slice(0, 3).map(({ name }) => name);
  return `empg report: ${names.join(", ")}${arms.length > 3 ? ` and ${arms.length - 3} more` : ""}`;
}

function beside(arms: readonly Arm[]): string {
  const { kinds, rows } = besideFigures(arms);
  if (kinds.length === 0) return "";
  const figures = arms.map(({ name }, index) => ({
    name: armHtml(name, index),
    cells: rows[index]!.map(escapeHtml),
  }));
  return `<h3>Measured beside it: success in %, first → last</h3>
${dataTable(["arm", ...kinds.map(escapeHtml)], figures)}`;
}
