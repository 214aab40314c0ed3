// Draws the curves, the change of entropy and the distributions. Runs in the reader's browser, after uPlot.

const report = JSON.parse(document.getElementById("report-data").textContent);
const HEIGHT = 210;
const SMOOTH = 5;

/** An element with text; text is never read as markup. */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const armColour = (arm) => colour(`arm-${arm % 12}`);

function transparent(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

const DASHES = [[], [6, 4]];

function plain(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(4)));
}

/** Mean of up to five values ending at each; a hole stays a hole. */
function smoothed(values) {
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - SMOOTH + 1), i + 1).filter((one) => one !== null);
    return near.reduce((a, b) => a + b, 0) / near.length;
  });
}

function figure(parent, title, unit) {
  const box = element("figure");
  const heading = element("div", "chart-title", title);
  heading.append(element("small", "", unit));
  const place = element("div", "plot");
  const readout = element("div", "readout", " ");
  box.append(heading, place, readout);
  parent.append(box);
  return { place, readout };
}

function axes(xLabel) {
  const style = { stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 } };
  const ticks = { ...style, ticks: { stroke: colour("grid"), width: 1 }, font: "11px system-ui" };
  return [
    { ...ticks, label: xLabel, labelSize: 16, labelFont: "11px system-ui", size: 30 },
    {
      ...ticks,
      size: 52,
      values: (_, all) => all.map(plain),
    },
  ];
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

/** A line that never leaves its value stays in the middle. */
function yRange(_, low, high) {
  if (low === null || low === high) {
    const half = Math.abs(low ?? 0) / 10 || 0.1;
    return [(low ?? 0) - half, (low ?? 0) + half];
  }
  return uPlot.rangeNum(low, high, 0.1, true);
}

function plot(place, options, data) {
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

function curveChart(parent, chart, shown, smooth) {
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
    series.push({ ...line, dash: DASHES[arm >> 3] ?? [2, 3] }, edge, edge);
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

function changeChart(parent) {
  const arms = report.entropy
    .map(({ ranks }, arm) => ({ arm, ...ranks }))
    .filter(({ change }) => change.length > 0);
  if (arms.length === 0) return [];
  const width = 100 / arms[0].change.length;
  const xs = arms[0].change.map((_, i) => (i + 0.5) * width);
  return [
    ["H in the first saved iteration", "nats, mean of each twentieth", "first"],
    ["Change of H, last minus first", "nats", "change"],
  ].map(([title, unit, key]) => {
    const { place, readout } = figure(parent, title, unit);
    const series = arms.map(({ arm }) => {
      const stroke = armColour(arm);
      return { stroke, width: 2, points: { show: true, size: 5, fill: stroke } };
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
          ? " "
          : `percentile ${xs[idx] - width / 2}–${xs[idx] + width / 2}: ${values.join(" · ")}`;
    };
    const options = {
      scales: { x: { time: false, range: [0, 100] }, y: { range: yRange } },
      axes: axes("percentile of steps by H"),
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

function histogramCharts(parent, arm) {
  const found = report.entropy[arm]?.histograms ?? [];
  if (found.length === 0) {
    parent.append(element("p", "soft", "No trajectories of this arm were saved."));
  }
  return found.map(({ symbol, from, width, first, last }) => {
    const { place, readout } = figure(parent, symbol, NAMES[symbol]);
    const xs = first.map((_, i) => from + i * width);
    xs.push(from + first.length * width);
    const step = uPlot.paths.stepped({ align: 1 });
    const closed = (shares) => [...shares, 0].map((share) => 100 * share);
    const early = { stroke: colour("soft"), fill: transparent(colour("soft"), 0.18), width: 1.5 };
    const late = { stroke: armColour(arm), fill: transparent(armColour(arm), 0.16), width: 2 };
    const lines = [early, late].map((line) => ({ ...line, paths: step, points: { show: false } }));
    const setCursor = (u) => {
      const { idx } = u.cursor;
      const ends = idx === null || idx === undefined || idx >= first.length;
      readout.textContent = ends
        ? " "
        : `${symbol} ${plain(xs[idx])} to ${plain(xs[idx + 1])}: first ${plain(100 * first[idx])} %, last ${plain(100 * last[idx])} %`;
    };
    const options = {
      scales: {
        x: { time: false },
        y: { range: (_, low, high) => [Math.min(0, low), high * 1.05 || 1] },
      },
      axes: axes("first saved iteration grey, last one coloured; y: % of steps"),
      series: [{}, ...lines],
      hooks: { setCursor: [setCursor] },
    };
    return plot(place, options, [xs, closed(first), closed(last)]);
  });
}

function control(parent, type, text, checked, change) {
  const label = element("label");
  const input = document.createElement("input");
  input.type = type;
  input.checked = checked;
  input.addEventListener("change", () => change(input.checked));
  label.append(input, text);
  parent.append(label);
  return label;
}

/** A list to choose from. @param names one per value 0, 1, … */
function chooser(parent, text, names, change) {
  const label = element("label", "", text);
  const select = document.createElement("select");
  names.forEach((name, value) => {
    const option = element("option", "", name);
    option.value = String(value);
    select.append(option);
  });
  select.addEventListener("change", () => change(Number(select.value)));
  label.append(select);
  parent.append(label);
  return select;
}

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
  const swatch = element("span", "swatch");
  swatch.style.background = `var(--arm-${arm % 12})`;
  label.append(swatch, name);
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
