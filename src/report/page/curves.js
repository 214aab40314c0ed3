// Curves of training: a line and a band per arm, and the signs of collapse.

import { armColour, armDash, transparent } from "./arms.js";
import { axes, figure, plot, yRange } from "./chart.js";
import { plain, report } from "./page.js";

export const SMOOTH = 5;
/** More points than this are not marked one by one. */
const MARKED = 12;

/** Mean of up to five values ending at each; a hole stays a hole. */
function smoothed(values) {
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - SMOOTH + 1), i + 1).filter((one) => one !== null);
    return near.reduce((a, b) => a + b, 0) / near.length;
  });
}

/** All x values of several series, and each series' values at them. */
function align(series) {
  const xs = [...new Set(series.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const at = (x, values) => {
    const known = new Map(x.map((one, i) => [one, values[i]]));
    return xs.map((one) => known.get(one) ?? null);
  };
  return { xs, at };
}

export function curveChart(parent, chart, shown, { smooth, bands: banded }) {
  const overTokens = chart.over === "tokens";
  const label = overTokens ? "tokens generated in training" : "iteration";
  const arms = chart.arms
    .map((curve, arm) => ({ ...curve, arm }))
    .filter(({ arm, x }) => shown.has(arm) && x.length > 0);
  if (arms.length === 0) return undefined;
  const { place, readout } = figure(parent, chart.title, chart.unit, lastValues(arms, label));
  const { xs, at } = align(arms);
  const even = (values) => (smooth && !chart.sparse ? smoothed(values) : values);
  const data = [xs];
  const series = [{}];
  const bands = [];
  for (const { arm, x, runs, mean, low, high } of arms) {
    const stroke = armColour(arm);
    const points = { show: x.length <= MARKED, size: 5, fill: stroke };
    const line = { stroke, spanGaps: true, dash: armDash(arm) };
    const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
    const means = even(at(x, mean));
    const most = Math.max(...runs);
    const counts = at(x, runs);
    const complete = means.map((value, i) => (counts[i] === most ? value : null));
    data.push(means, complete);
    series.push({ ...line, width: 1, points }, { ...line, width: 2.5, points });
    if (!banded) continue;
    const first = series.length;
    data.push(even(at(x, high)), even(at(x, low)));
    series.push(edge, edge);
    bands.push({ series: [first, first + 1], fill: transparent(stroke, 0.16) });
  }
  const signals = overTokens ? [] : report.signals.filter(({ arm }) => shown.has(arm));
  const setCursor = (u) => {
    const { idx } = u.cursor;
    if (idx === null || idx === undefined) {
      readout.textContent = "";
      return;
    }
    const values = arms.map(
      ({ arm }, i) => `${report.arms[arm].name} ${plain(u.data[1 + (banded ? 4 : 2) * i][idx])}`,
    );
    readout.textContent = `${label} ${u.data[0][idx].toLocaleString("en-US")}: ${values.join(" · ")}`;
  };
  const options = {
    scales: { x: { time: false }, y: { range: yRange } },
    axes: axes(label),
    series,
    bands,
    cursor: { sync: { key: chart.over }, points: { size: 6 } },
    hooks: { draw: [(u) => drawSignals(u, signals)], setCursor: [setCursor] },
  };
  return plot(place, options, data);
}

/** What a chart says to those who do not see it. */
function lastValues(arms, label) {
  const ends = arms.map(
    ({ arm, x, mean }) => `${report.arms[arm].name} ${plain(mean.at(-1))} at ${x.at(-1)}`,
  );
  return `last values by ${label}: ${ends.join(", ")}`;
}

function drawSignals({ ctx, bbox, valToPos }, signals) {
  for (const { arm, iteration } of signals) {
    const x = valToPos(iteration, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const half = 5 * devicePixelRatio;
    ctx.fillStyle = armColour(arm);
    ctx.beginPath();
    ctx.moveTo(x - half, bbox.top);
    ctx.lineTo(x + half, bbox.top);
    ctx.lineTo(x, bbox.top + 1.6 * half);
    ctx.fill();
  }
}
