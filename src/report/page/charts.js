// Which charts are drawn, and the controls that choose.

import { armMark } from "./arms.js";
import { curveChart, SMOOTH } from "./curves.js";
import { changeChart, histogramCharts } from "./entropy.js";
import { chooser, control, report } from "./page.js";

const shown = new Set(report.arms.keys());
const longest = Math.max(
  0,
  ...report.curves.flatMap(({ arms }) => arms.map((one) => one.iteration.length)),
);
let smooth = longest > 40;
let histogramArm = 0;
let plots = [];

function drawAll() {
  for (const old of plots) old.destroy();
  const [curves, change, histograms] = ["curves", "change", "histograms"].map((id) => {
    const place = document.getElementById(id);
    place.replaceChildren();
    return place;
  });
  plots = report.curves.map((chart) => curveChart(curves, chart, shown, smooth));
  plots.push(...changeChart(change), ...histogramCharts(histograms, histogramArm));
  plots = plots.filter((one) => one !== undefined);
  document.documentElement.dataset.charts = String(plots.length);
}

const curveControls = document.getElementById("curve-controls");
report.arms.forEach(({ name }, arm) => {
  const label = control(curveControls, "checkbox", "", true, (on) => {
    if (on) shown.add(arm);
    else shown.delete(arm);
    drawAll();
  });
  label.append(armMark(arm), name);
});
control(curveControls, "checkbox", `smooth over ${SMOOTH} iterations`, smooth, (on) => {
  smooth = on;
  drawAll();
});
const armNames = report.arms.map(({ name }) => name);
chooser(document.getElementById("histogram-controls"), "arm", armNames, (arm) => {
  histogramArm = arm;
  drawAll();
});

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
let width = document.body.clientWidth;
addEventListener("resize", () => {
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  drawAll();
});
