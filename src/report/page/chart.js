// What every chart has: a frame with title and readout, axes, a range.

import { colour } from "./arms.js";
import { element, plain } from "./page.js";

const HEIGHT = 210;

/** @param described what the drawing shows, for those who do not see it */
export function figure(parent, title, unit, described) {
  const box = element("figure");
  const heading = element("figcaption", "chart-title", title);
  heading.append(" ", element("small", "", unit));
  const place = element("div", "plot");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `${title}, ${unit}; ${described}`);
  const readout = element("div", "readout", "");
  box.append(heading, place, readout);
  parent.append(box);
  return { place, readout };
}

export function axes(xLabel) {
  const style = { stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 } };
  const ticks = { ...style, ticks: { stroke: colour("grid"), width: 1 }, font: "11px system-ui" };
  const count = (value) => (value < 1000 ? plain(value) : value.toLocaleString("en-US"));
  return [
    {
      ...ticks,
      ...{ label: xLabel, labelSize: 16, labelFont: "11px system-ui", size: 30 },
      values: (_, all) => all.map(count),
    },
    { ...ticks, size: 52, values: (_, all) => all.map(plain) },
  ];
}

/** A line that never leaves its value stays in the middle. */
export function yRange(_, low, high) {
  if (low === null || low === high) {
    const half = Math.abs(low ?? 0) / 10 || 0.1;
    return [(low ?? 0) - half, (low ?? 0) + half];
  }
  return uPlot.rangeNum(low, high, 0.1, true);
}

export function plot(place, options, data) {
  const width = Math.max(place.clientWidth, 240);
  const all = {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [10, 12, 0, 0],
    ...options,
  };
  return new uPlot(all, data, place);
}
