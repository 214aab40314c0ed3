// A turn of a trajectory: its texts, shaded token by token, beside its figures as bars.

import { element, inPortions } from "./page.js";
import { account, verdict } from "./verdict.js";

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
  grid.append(
    track,
    element("span", "number", value === null ? "–" : value.toFixed(3).replace("-", "−")),
  );
}

/** What cannot be seen is drawn: ends of line and tabulators have signs of their own. */
function visible(text) {
  return text.replaceAll("\n", "⏎\n").replaceAll("\t", "⇥\t");
}

/** The shade's share of its strongest, which 1.5 nats have. */
export function shade(piece, millinats) {
  piece.style.setProperty("--share", Math.min(1, millinats / 1500).toFixed(3));
}

const TOKENS = 3000;

function responseText({ response, tokens, special = [], millinats = [] }) {
  const text = element("pre");
  if (!tokens) {
    text.textContent = visible(response);
    return text;
  }
  const added = new Set(special);
  inPortions(text, tokens, TOKENS, "tokens", (token, i) => {
    const piece = element("span", `token${added.has(i) ? " special" : ""}`, visible(token) || "∅");
    const nats = millinats[i];
    if (nats !== undefined) {
      shade(piece, nats);
      piece.title = `${(nats / 1000).toFixed(3)} nats`;
    }
    return piece;
  });
  return text;
}

/** @param scale what the bars are measured against, and the run's modulation */
export function turnView(step, index, scale) {
  const box = element("article", "step");
  const text = element("div", "step-text");
  text.append(element("h4", "tag", `turn ${index + 1} · observation`));
  const observation = element("pre", "observation", step.observation || "(nothing)");
  text.append(observation);
  const { millinats } = step;
  const marks = [millinats ? `response, ${millinats.length} tokens` : "response"];
  if (!step.valid) marks.push("invalid action");
  if (step.reward !== 0) marks.push(`reward ${step.reward}`);
  text.append(element("div", "tag", marks.join(" · ")), responseText(step));
  const side = element("div", "step-side");
  const { modulation } = step;
  const [word, hue] = modulation ? verdict(modulation) : ["not trained on", ""];
  side.append(element("div", `verdict ${hue}`, word));
  const bars = element("div", "bars");
  const [h, g, f, base, final] = modulation ?? [null, null, null, null, null];
  bar(bars, "H", step.H, 0, scale.H, "");
  bar(bars, "h", h, ...scale.h, "");
  bar(bars, "g", g, 0, scale.g, "");
  bar(bars, "f next", f, 0, scale.f, "");
  bar(bars, "A", base, -scale.A, scale.A, "signed");
  bar(bars, "A final", final, -scale.A, scale.A, "signed");
  side.append(bars);
  if (modulation) side.append(element("div", "soft", account(modulation, scale.modulation)));
  box.append(text, side);
  return box;
}
