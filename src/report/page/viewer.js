// The trajectory viewer: one episode that the reader chooses, turn by turn.

import { chooser, element, report } from "./page.js";
import { shade, stepView } from "./turn.js";

function episodeView({ run, iteration, episode }) {
  const place = document.getElementById("episode");
  place.replaceChildren();
  const shownRun = report.runs[run];
  const shownIteration = shownRun?.iterations[iteration];
  const found = shownIteration?.episodes[episode];
  if (!found) {
    const why = shownRun ? "No episode of it is in this page." : "No trajectories were saved.";
    place.append(element("p", "soft", why));
    return;
  }
  const outcome = found.success ? "success" : "failure";
  const facts = `${found.name} · ${outcome} · return ${found.return} · ${found.end} · ${found.steps.length} turns`;
  place.append(element("p", "", facts));
  const largest = (pick) =>
    Math.max(1e-9, ...found.steps.map(pick).map((value) => Math.abs(value ?? 0)));
  const scale = {
    H: largest(({ H }) => H),
    g: Math.max(
      1,
      largest(({ modulation }) => modulation?.[1]),
    ),
    A: Math.max(
      largest(({ modulation }) => modulation?.[3]),
      largest(({ modulation }) => modulation?.[4]),
    ),
    zeta: shownRun.zeta,
  };
  found.steps.forEach((step, i) => {
    place.append(stepView(step, i, scale));
  });
}

const place = { run: 0, iteration: 0, episode: 0 };
const viewerControls = document.getElementById("viewer-controls");

function options(select, names) {
  select.replaceChildren(
    ...names.map((name, value) => {
      const option = element("option", "", name);
      option.value = String(value);
      return option;
    }),
  );
}

function choose(change) {
  Object.assign(place, change);
  const run = report.runs[place.run];
  if ("run" in change) {
    place.iteration = 0;
    options(iterations, run?.iterations.map((one) => String(one.iteration)) ?? []);
  }
  if ("run" in change || "iteration" in change) {
    place.episode = 0;
    const episodes = run?.iterations[place.iteration]?.episodes ?? [];
    options(
      episodeList,
      episodes.map(({ name, success }) => `${success ? "✓" : "✗"} ${name}`),
    );
  }
  runs.value = String(place.run);
  iterations.value = String(place.iteration);
  episodeList.value = String(place.episode);
  episodeView(place);
}

const runNames = report.runs.map(({ arm, seed }) => `${report.arms[arm].name}, seed ${seed}`);
const runs = chooser(viewerControls, "run", runNames, (run) => choose({ run }));
const iterations = chooser(viewerControls, "iteration", [], (iteration) => choose({ iteration }));
const episodeList = chooser(viewerControls, "episode", [], (episode) => choose({ episode }));

for (const nats of [0, 0.25, 0.5, 1, 1.5]) {
  const sample = element("span", "token", ` ${nats} `);
  shade(sample, 1000 * nats);
  document.getElementById("shade-legend").append(sample);
}
choose({ run: 0 });
document.documentElement.dataset.ready = "yes";
