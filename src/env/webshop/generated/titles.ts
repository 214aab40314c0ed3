/** Titles as sellers write them: everything that somebody might search for. */

import { normal } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";
import { happens, pick } from "./chance.ts";
import type { Choice } from "./choices.ts";
import type { Role, Shelf } from "./lexicon.ts";
import type { Trait } from "./traits.ts";

/** Words of a title. */
const LENGTH = { mean: 17, spread: 8, fewest: 3, most: 38 };
const BRANDED = 0.93;
const WITH_COUNT = 0.12;
const WITH_COLOR = 0.2;
const SMALL_WORDS: ReadonlySet<string> = new Set(
  "a an and as at by for from in into like of on or the to with without".split(" "),
);

/** A product before its texts are written. */
export interface Draft {
  readonly shelf: Shelf;
  readonly brand: string;
  /** What it is, in lower case. */
  readonly noun: string;
  readonly traits: readonly Trait[];
  readonly choices: readonly Choice[];
}

/** Parts joined by commas until the title is long enough; the first says what the product is. */
export function drawTitle(random: Random, draft: Draft): string {
  const { shelf, noun, choices } = draft;
  const { mean, spread, fewest, most } = LENGTH;
  const length = Math.min(most, Math.max(fewest, mean + spread * normal(random)));
  const styles = random.sample(shelf.styles, 6);
  const uses = random.sample(shelf.uses, 6);
  const first = firstPart(random, draft, styles[0] as string);
  const parts = [first];
  let words = wordCount(first);
  if (!first.includes(" for ") && words + 3 < length) {
    parts[0] = `${first} for ${uses[0]}`;
    words += 1 + wordCount(uses[0] as string);
  }
  const others = random.shuffle(shelf.nouns.filter((one) => one !== noun));
  const more = styles.slice(1).map((style, i) => {
    const [other, use] = [others[i], uses[i + 1]];
    return other === undefined ? `${style} ${noun} ${use}` : `${style} ${other} for ${use}`;
  });
  for (const part of more) {
    if (words + 2 >= length) break;
    parts.push(part);
    words += wordCount(part);
  }
  if (happens(random, WITH_COUNT)) parts.push(`Set of ${2 + random.integer(5)}`);
  const colors = choices.find(({ name }) => name === "Color")?.values;
  if (colors !== undefined && happens(random, WITH_COLOR)) parts.push(pick(random, colors));
  return capitalized(parts.join(", "));
}

/** Brand, style, name and what is true of it: `Solonne Modern Easy Clean Wall Clock with Wood Finish`. */
function firstPart(random: Random, { brand, noun, traits }: Draft, style: string): string {
  const said = (role: Role) =>
    traits
      .filter(({ attribute, inTitle }) => inTitle && attribute.role === role)
      .map(({ words }) => words);
  const head = [happens(random, BRANDED) ? brand : "", style, ...said("as"), noun];
  const [reasons, purposes] = [said("with"), said("for")];
  return [
    ...head.filter(Boolean),
    ...(reasons.length > 0 ? ["with", reasons.join(" and ")] : []),
    ...(purposes.length > 0 ? ["for", purposes.join(" and ")] : []),
  ].join(" ");
}

export function wordCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf(" "); at >= 0; at = text.indexOf(" ", at + 1)) count++;
  return count;
}

function capitalized(text: string): string {
  return text.replace(/[^ ]+/g, (word, at) =>
    at > 0 && SMALL_WORDS.has(word) ? word : word.charAt(0).toUpperCase() + word.slice(1),
  );
}
