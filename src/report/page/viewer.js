// The trajectory viewer: one episode that the reader chooses, turn by turn.

import { makeReachable } from "./overflow.js";
import { button, chooser, element, inPortions, options, report } from "./page.js";
import { shade, turnView } from "./turn.js";
import { verdict } from "./verdict.js";

const viewerControls = document.getElementById("viewer-controls");
const verdictControls = document.getElementById("verdict-controls");
const TURNS = 100;
const ENDS = { terminated: "the world ended it", truncated: "a limit cut it off" };

/** What bars are measured against: the largest of the episode. */
function scaleOf({ steps }, modulation) {
  const largest = (pick) =>
    steps.reduce((most, step) => Math.max(most, Math.abs(pick(step) ?? 0)), 1e-9);
  // By z-score h lies around 0 and f may exceed 1.
  const h = steps.map((step) => step.modulation?.[0] ?? 0);
  return {
    H: largest(({ H }) => H),
    h: [Math.min(0, ...h), Math.max(1, ...h)],
    f: Math.max(
      1,
      largest((step) => step.modulation?.[2]),
    ),
    g: Math.max(
      1,
      largest((step) => step.modulation?.[1]),
    ),
    A: Math.max(
      largest((step) => step.modulation?.[3]),
      largest((step) => step.modulation?.[4]),
    ),
    modulation,
  };
}

function episodeView(run, found) {
  const view = document.getElementById("episode");
  view.replaceChildren();
  if (!found) {
    const why = run ? "No episode of it is in this page." : "No trajectories were saved.";
    view.append(element("p", "soft", why));
    return;
  }
  const outcome = found.success ? "success" : "failure";
  const end = ENDS[found.end] ?? found.end;
  const facts = [found.name, outcome, `return ${found.return}`, end, `${found.steps.length} turns`];
  view.append(element("h3", "", facts.join(" · ")));
  const scale = scaleOf(found, run.modulation);
  inPortions(view, found.steps, TURNS, "turns", (step, i) => turnView(step, i, scale));
  const boxes = [...view.querySelectorAll(".observation")];
  makeReachable(boxes.map((box, i) => [box, `observation of turn ${i + 1}`]));
}

/** Leads to a turn of the episode that is shown. */
function goTo(turn) {
  const view = document.getElementById("episode");
  while (view.querySelectorAll("h4").length <= turn) view.querySelector(":scope > button").click();
  const heading = view.querySelectorAll("h4")[turn];
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "center" });
}

const place = { run: 0, iteration: 0, episode: 0 };

/** What follows from a choice: another run begins with its first iteration, another iteration with its first episode. */
function choose(change) {
  Object.assign(place, change);
  const run = report.runs[place.run];
  if ("run" in change) {
    place.iteration = change.iteration ?? 0;
    options(iterations, run?.iterations.map((one) => String(one.iteration)) ?? []);
    countVerdicts(run);
  }
  const episodes = run?.iterations[place.iteration]?.episodes ?? [];
  if ("run" in change || "iteration" in change) {
    place.episode = change.episode ?? 0;
    const names = episodes.map(({ name, success }) => `${success ? "✓" : "✗"} ${name}`);
    options(episodeList, names);
  }
  runs.value = String(place.run);
  iterations.value = String(place.iteration);
  episodeList.value = String(place.episode);
  previous.disabled = place.episode === 0;
  next.disabled = place.episode >= episodes.length - 1;
  episodeView(run, episodes[place.episode]);
}

/** A button per word that the run's turns have: it leads from one such turn to the next. */
function countVerdicts(run) {
  const turns = (run?.iterations ?? []).flatMap(({ episodes }, iteration) =>
    episodes.flatMap(({ steps }, episode) =>
      steps.flatMap(({ modulation }, turn) =>
        modulation ? [{ iteration, episode, turn, word: verdict(modulation)[0] }] : [],
      ),
    ),
  );
  const byWord = Map.groupBy(turns, ({ word }) => word);
  verdictControls.replaceChildren(...(turns.length > 0 ? ["show a turn that was:"] : []));
  for (const [word, found] of byWord) {
    let at = 0;
    button(verdictControls, `${word} (${found.length})`, () => {
      const { iteration, episode, turn } = found[at++ % found.length];
      choose({ iteration, episode });
      goTo(turn);
    });
  }
}

const runNames = report.runs.map(({ arm, seed }) => `${report.arms[arm].name}, seed ${seed}`);
const runs = chooser(viewerControls, "run", runNames, (run) => choose({ run }));
const iterations = chooser(viewerControls, "iteration", [], (iteration) => choose({ iteration }));
const episodeList = chooser(viewerControls, "episode", [], (episode) => choose({ episode }));
const previous = button(viewerControls, "previous episode", () =>
  choose({ episode: place.episode - 1 }),
);
const next = button(viewerControls, "next episode", () => choose({ episode: place.episode + 1 }));

for (const nats of [0, 0.25, 0.5, 1, 1.5]) {
  const sample = element("span", "token", ` ${nats} `);
  shade(sample, 1000 * nats);
  document.getElementById("shade-legend").append(sample);
}
// A run without modulation has nothing to show of it.
choose({
  run: Math.max(
    0,
    report.runs.findIndex(({ modulation }) => modulation),
  ),
});
document.documentElement.dataset.ready = "yes";
