// Curves over iterations: a line and a band per arm, and the signs of collapse.

import { armColour, armDash, transparent } from "./arms.js";
import { axes, figure, plot, yRange } from "./chart.js";
import { plain, report } from "./page.js";

export const SMOOTH = 5;

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

export function curveChart(parent, chart, shown, smooth) {
  const { place, readout } = figure(parent, chart.title, chart.unit);
  const arms = chart.arms
    .map((curve, arm) => ({ ...curve, arm, x: curve.iteration }))
    .filter(({ arm, x }) => shown.has(arm) && x.length > 0);
  if (arms.length === 0) {
    readout.textContent = "nothing written down";
    return undefined;
  }
  const { xs, at } = align(arms);
  const even = (values) => (smooth && !chart.sparse ? smoothed(values) : values);
  const data = [xs];
  const series = [{}];
  const bands = [];
  for (const { arm, x, mean, low, high } of arms) {
    const stroke = armColour(arm);
    const points = { show: chart.sparse || x.length === 1, size: 5, fill: stroke };
    const line = { stroke, width: 2, spanGaps: true, points };
    const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
    data.push(even(at(x, mean)), even(at(x, high)), even(at(x, low)));
    series.push({ ...line, dash: armDash(arm) }, edge, edge);
    const first = series.length - 3;
    bands.push({ series: [first + 1, first + 2], fill: transparent(stroke, 0.16) });
  }
  const signals = report.signals.filter(({ arm }) => shown.has(arm));
  const draw = (u) => {
    const { ctx, bbox } = u;
    for (const { arm, iteration } of signals) {
      const x = u.valToPos(iteration, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const half = 5 * devicePixelRatio;
      ctx.fillStyle = armColour(arm);
      ctx.beginPath();
      ctx.moveTo(x - half, bbox.top);
      ctx.lineTo(x + half, bbox.top);
      ctx.lineTo(x, bbox.top + 1.6 * half);
      ctx.fill();
    }
  };
  const setCursor = (u) => {
    const { idx } = u.cursor;
    if (idx === null || idx === undefined) {
      readout.textContent = " ";
      return;
    }
    const values = arms.map(
      ({ arm }, i) => `${report.arms[arm].name} ${plain(u.data[1 + 3 * i][idx])}`,
    );
    readout.textContent = `iteration ${u.data[0][idx]}: ${values.join(" · ")}`;
  };
  const options = {
    scales: { x: { time: false }, y: { range: yRange } },
    axes: axes("iteration"),
    series,
    bands,
    cursor: { sync: { key: "iteration" }, points: { size: 6 } },
    hooks: { draw: [draw], setCursor: [setCursor] },
  };
  return plot(place, options, data);
}
