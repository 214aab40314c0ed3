/** Bullet points and descriptions: what is true of the product, among sentences that are true of many. */

import { pickWeighted } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";
import { happens, logNormal, pick } from "./chance.ts";
import type { Role } from "./lexicon.ts";
import { Sentences } from "./sentences.ts";
import type { Draft } from "./titles.ts";
import type { Trait } from "./traits.ts";

/** How likely one, two, three … bullet points are. */
const BULLETS = [0.1, 0.03, 0.06, 0.12, 0.5, 0.07, 0.07, 0.05];
const BULLET_WORDS = { median: 16, spread: 0.9 };
/** Bullet points of a word or two, where nothing is claimed. */
const SHORT = 0.2;
const SHORT_BULLETS: readonly string[] = [
  ...["Imported", "Brand new", "One year of warranty", "Comes in a box", "Made with care"],
  ...["Tested by hand", "No returns after a month", "Limited series"],
];
const EMPTY_BULLET = 0.055;
const LONE_TEXT = 0.016;
/** Of products of which the description would claim nothing. */
const NO_DESCRIPTION = 0.39;
const DESCRIPTION_WORDS = { median: 72, spread: 1.15, most: 700 };

/** How an attribute P and the reason R for it are put. */
const FRAMES: readonly string[] = ["P: R.", "P - R.", "[P] R.", "R (P)."];
const FRAMES_OF: Readonly<Record<Role, readonly string[]>> = {
  as: FRAMES,
  with: [...FRAMES, "Made with P: R.", "With P, so R."],
  for: [...FRAMES, "For P: R.", "Made for P, since R."],
};

/** A list, or for some products a lone text. */
export function drawBullets(random: Random, draft: Draft): readonly string[] | string {
  if (happens(random, LONE_TEXT)) return "";
  const said = draft.traits.filter(({ inBullets }) => inBullets);
  const count = Math.max(1 + pickWeighted(random, BULLETS), Math.min(said.length, 3));
  const sentences = new Sentences(random, draft);
  const points = Array.from({ length: count }, (_, point) => {
    // More claims than points share them.
    const own = said.filter((_, at) => at % count === point);
    if (own.length === 0 && happens(random, SHORT)) return pick(random, SHORT_BULLETS);
    const words = logNormal(random, BULLET_WORDS.median, BULLET_WORDS.spread);
    return sentences.fill(claims(random, own), words);
  });
  const bullets = random.shuffle(points);
  return happens(random, EMPTY_BULLET) ? [...bullets, ""] : bullets;
}

export function drawDescription(random: Random, draft: Draft): string {
  const said = draft.traits.filter(({ inDescription }) => inDescription);
  if (said.length === 0 && happens(random, NO_DESCRIPTION)) return "";
  const { median, spread, most } = DESCRIPTION_WORDS;
  const words = Math.min(most, logNormal(random, median, spread));
  return new Sentences(random, draft).fill(claims(random, said), words);
}

function claims(random: Random, traits: readonly Trait[]): string[] {
  return traits.map(({ attribute: { role, reason }, words }) =>
    pick(random, FRAMES_OF[role])
      .replace("P", words)
      .replace("R", reason)
      .replace(/^\[?[a-z]/, (start) => start.toUpperCase()),
  );
}
