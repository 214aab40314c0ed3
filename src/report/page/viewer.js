// The trajectory viewer: one episode, turn by turn. Runs after charts.js, whose helpers it uses.

const MORE = 0.05;

/** What became of a step's advantage, by the rule that the legend states. */
function verdict([, , , base, final]) {
  if (base === null || final === null) return ["not written down", ""];
  if (Math.abs(base) < 1e-9) return final >= 0 ? ["bonus only", "up"] : ["centring only", "down"];
  if (base * final < 0) return ["turned over", final > 0 ? "up" : "down"];
  const ratio = final / base;
  if (base > 0) {
    if (ratio > 1 + MORE) return ["amplified", "up"];
    return ratio < 1 - MORE ? ["damped", ""] : ["kept", ""];
  }
  if (ratio > 1 + MORE) return ["punished harder", "down"];
  return ratio < 1 - MORE ? ["treated gently", ""] : ["punished as before", "down"];
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

/** Where A_final comes from: the gate's part, the bonus, and what centring took. */
function account([, g, f, base, final], zeta) {
  if (base === null || final === null || g === null) return "";
  const bonus = f === null ? 0 : zeta * f;
  const parts = [`A ${signed(base)} × g ${g.toFixed(3)} = ${signed(base * g)}`];
  parts.push(f === null ? "no bonus (no next step)" : `bonus ζ·f ${signed(bonus)}`);
  parts.push(`centring ${signed(final - base * g - bonus)}`);
  return parts.join(", ");
}

/** A bar of a number between two ends; zero stands where it lies. */
function bar(grid, name, value, low, high, hue) {
  grid.append(element("span", "", name));
  const track = element("span", "track");
  const share = (at) => Math.min(1, Math.max(0, (at - low) / (high - low)));
  if (value !== null) {
    const fill = element("span", `fill ${hue && (value < 0 ? "negative" : "positive")}`);
    const [from, to] = [share(Math.min(0, value)), share(Math.max(0, value))];
    fill.style.left = `${100 * from}%`;
    fill.style.width = `${100 * (to - from)}%`;
    track.append(fill);
  }
  if (low < 0) {
    const zero = element("span", "zero");
    zero.style.left = `${100 * share(0)}%`;
    track.append(zero);
  }
  grid.append(track, element("span", "number", value === null ? "–" : value.toFixed(3)));
}

/** What cannot be seen is drawn: ends of line and tabulators have signs of their own. */
function visible(text) {
  return text.replaceAll("\n", "⏎\n").replaceAll("\t", "⇥\t");
}

/** The shade's share of its strongest, which 1.5 nats have. */
function shade(piece, millinats) {
  piece.style.setProperty("--share", Math.min(1, millinats / 1500).toFixed(3));
}

function responseText({ response, tokens, special = [], millinats = [] }) {
  const text = element("pre");
  if (!tokens) {
    text.textContent = visible(response);
    return text;
  }
  const added = new Set(special);
  tokens.forEach((token, i) => {
    const piece = element("span", `token${added.has(i) ? " special" : ""}`, visible(token) || "∅");
    const nats = millinats[i];
    if (nats !== undefined) {
      shade(piece, nats);
      piece.title = `${(nats / 1000).toFixed(3)} nats`;
    }
    text.append(piece);
  });
  return text;
}

function stepView(step, index, scale) {
  const box = element("article", "step");
  const text = element("div", "step-text");
  text.append(element("div", "tag", `turn ${index + 1} · observation`));
  text.append(element("pre", "observation", step.observation || "(nothing)"));
  const marks = [`response, ${step.millinats?.length ?? 0} tokens`];
  if (!step.valid) marks.push("invalid action");
  if (step.reward !== 0) marks.push(`reward ${step.reward}`);
  text.append(element("div", "tag", marks.join(" · ")), responseText(step));
  const side = element("div", "step-side");
  const { modulation } = step;
  if (modulation) {
    const [word, hue] = verdict(modulation);
    side.append(element("div", `verdict ${hue}`, word));
  } else side.append(element("div", "verdict", "not trained on"));
  const bars = element("div", "bars");
  const [h, g, f, base, final] = modulation ?? [null, null, null, null, null];
  bar(bars, "H", step.H, 0, scale.H, "");
  bar(bars, "h", h, 0, 1, "");
  bar(bars, "g", g, 0, scale.g, "");
  bar(bars, "f next", f, 0, 1, "");
  bar(bars, "A", base, -scale.A, scale.A, "signed");
  bar(bars, "A final", final, -scale.A, scale.A, "signed");
  side.append(bars);
  if (modulation) side.append(element("div", "soft", account(modulation, scale.zeta)));
  box.append(text, side);
  return box;
}

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
