// Which charts are drawn, and the controls that choose.

import { armMark } from "./arms.js";
import { curveChart, SMOOTH } from "./curves.js";
import { changeChart, histogramCharts } from "./entropy.js";
import { button, chooser, control, report } from "./page.js";

/** Bands of more arms than this hide each other and the lines. */
const BANDED = 4;

const shown = new Set(report.arms.keys());
const longest = Math.max(0, ...report.curves.flatMap(({ arms }) => arms.map(({ x }) => x.length)));
const drawing = { smooth: longest > 40, bands: shown.size <= BANDED };
const modulated = report.runs.find(({ modulation }) => modulation) ?? report.runs[0];
let histogramArm = modulated?.arm ?? 0;
let plots = [];

function drawAll() {
  for (const old of plots) old.destroy();
  const [curves, change, histograms] = ["curves", "change", "histograms"].map((id) => {
    const place = document.getElementById(id);
    place.replaceChildren();
    return place;
  });
  plots = report.curves.map((chart) => curveChart(curves, chart, shown, drawing));
  plots.push(...changeChart(change, shown), ...histogramCharts(histograms, histogramArm));
  plots = plots.filter((one) => one !== undefined);
  document.documentElement.dataset.charts = String(plots.length);
}

const curveControls = document.getElementById("curve-controls");
const armBoxes = report.arms.map(({ name }, arm) => {
  const label = control(curveControls, "", true, (on) => {
    if (on) shown.add(arm);
    else shown.delete(arm);
    drawAll();
  });
  label.append(armMark(arm), name);
  return label.querySelector("input");
});
function showAll(on) {
  shown.clear();
  for (const [arm, box] of armBoxes.entries()) {
    box.checked = on;
    if (on) shown.add(arm);
  }
  drawAll();
}
if (report.arms.length > 2) {
  button(curveControls, "all arms", () => showAll(true));
  button(curveControls, "no arm", () => showAll(false));
}
control(curveControls, "bands", drawing.bands, (on) => {
  drawing.bands = on;
  drawAll();
});
control(curveControls, `smooth over ${SMOOTH} iterations`, drawing.smooth, (on) => {
  drawing.smooth = on;
  drawAll();
});
const armNames = report.arms.map(({ name }) => name);
const histogramArms = chooser(
  document.getElementById("histogram-controls"),
  "arm",
  armNames,
  (arm) => {
    histogramArm = arm;
    drawAll();
  },
);
histogramArms.value = String(histogramArm);

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
let width = document.body.clientWidth;
addEventListener("resize", () => {
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  drawAll();
});
