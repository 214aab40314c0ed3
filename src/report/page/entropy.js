// The entropy of steps: by rank, and how it is distributed.

import { armColour, armDash, armMark, colour, transparent } from "./arms.js";
import { axes, figure, plot, yRange } from "./chart.js";
import { element, plain, report } from "./page.js";

export function changeChart(parent, shown) {
  const known = report.entropy
    .map(({ ranks }, arm) => ({ arm, ...ranks }))
    .filter(({ change }) => change.length > 0);
  const arms = known.filter(({ arm }) => shown.has(arm));
  const legend = document.getElementById("change-legend");
  legend.replaceChildren(
    ...arms.map(({ arm }) => {
      const name = element("span");
      name.append(armMark(arm), report.arms[arm].name);
      return name;
    }),
  );
  if (arms.length === 0) {
    const why =
      known.length > 0
        ? "No arm is chosen among the curves above."
        : "No run saved trajectories of two iterations.";
    parent.append(element("p", "soft", why));
    return [];
  }
  const width = 100 / arms[0].change.length;
  const xs = arms[0].change.map((_, i) => (i + 0.5) * width);
  return [
    ["H by rank, first saved iteration", "nats, mean of each twentieth", "first"],
    ["Last saved iteration minus first, rank by rank", "nats", "change"],
  ].map(([title, unit, key]) => {
    const ends = arms.map((one) => {
      const values = one[key];
      return `${report.arms[one.arm].name} ${plain(values[0])} to ${plain(values.at(-1))}`;
    });
    const described = `from the lowest rank to the highest: ${ends.join(", ")}`;
    const { place, readout } = figure(parent, title, unit, described);
    const series = arms.map(({ arm }) => {
      const stroke = armColour(arm);
      return {
        stroke,
        width: 2,
        dash: armDash(arm),
        points: { show: true, size: 5, fill: stroke },
      };
    });
    const zero = (u) => {
      if (key !== "change") return;
      const y = u.valToPos(0, "y", true);
      u.ctx.fillStyle = colour("soft");
      u.ctx.fillRect(u.bbox.left, y, u.bbox.width, 1);
    };
    const setCursor = (u) => {
      const { idx } = u.cursor;
      const values = arms.map(
        ({ arm }, i) => `${report.arms[arm].name} ${plain(u.data[i + 1][idx])}`,
      );
      readout.textContent =
        idx === null || idx === undefined
          ? ""
          : `percentile ${xs[idx] - width / 2}–${xs[idx] + width / 2}: ${values.join(" · ")}`;
    };
    const options = {
      scales: { x: { time: false, range: [0, 100] }, y: { range: yRange } },
      axes: axes("rank of H among its iteration's steps, percentile"),
      series: [{}, ...series],
      hooks: { drawAxes: [zero], setCursor: [setCursor] },
    };
    return plot(place, options, [xs, ...arms.map((one) => one[key])]);
  });
}

const NAMES = {
  H: "step entropy, nats",
  h: "normalized entropy",
  g: "gate on the advantage",
  f: "clarity of the next step",
};

/** Which iterations there is something of: none of a last one where a single one was saved, or it taught nothing. */
function saved(first, last) {
  if (last.length === 0) return "first saved iteration; there are none of a last";
  return first.length === 0
    ? "last saved iteration; there are none of the first"
    : "first saved iteration and last";
}

export function histogramCharts(parent, arm) {
  const found = report.entropy[arm]?.histograms ?? [];
  if (found.length === 0) {
    parent.append(element("p", "soft", "No trajectories of this arm were saved."));
  }
  const plainRuns = report.runs.some((run) => run.arm === arm && !run.modulation);
  document.getElementById("histogram-note").textContent = plainRuns
    ? "This arm has no modulation: g is 1 everywhere, and nothing used h and f."
    : "";
  return found.map(({ symbol, from, width, first, last }) => {
    const { place, readout } = figure(
      ...[parent, symbol, NAMES[symbol]],
      `shares of steps, ${saved(first, last)}`,
    );
    const bins = Math.max(first.length, last.length);
    const xs = Array.from({ length: bins + 1 }, (_, i) => from + i * width);
    const step = uPlot.paths.stepped({ align: 1 });
    const closed = (shares) =>
      shares.length === 0 ? xs.map(() => null) : [...shares, 0].map((share) => 100 * share);
    const early = { stroke: colour("soft"), fill: transparent(colour("soft"), 0.18), width: 1.5 };
    const late = { stroke: armColour(arm), fill: transparent(armColour(arm), 0.16), width: 2 };
    const lines = [early, late].map((line) => ({ ...line, paths: step, points: { show: false } }));
    const setCursor = (u) => {
      const { idx } = u.cursor;
      const ends = idx === null || idx === undefined || idx >= bins;
      const share = (shares) => (shares.length === 0 ? "none" : `${plain(100 * shares[idx])} %`);
      readout.textContent = ends
        ? ""
        : `${symbol} ${plain(xs[idx])} to ${plain(xs[idx + 1])}: first ${share(first)}, last ${share(last)}`;
    };
    const options = {
      scales: {
        x: { time: false },
        y: { range: (_, low, high) => [Math.min(0, low), high * 1.05 || 1] },
      },
      axes: axes(`${symbol}; height: % of steps`),
      series: [{}, ...lines],
      hooks: { setCursor: [setCursor] },
    };
    return plot(place, options, [xs, closed(first), closed(last)]);
  });
}
