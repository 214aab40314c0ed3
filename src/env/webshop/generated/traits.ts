/** What is true of a product, in which words and where in its texts that is said. */

import { pickWeighted } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";
import { happens } from "./chance.ts";
import type { Attribute, Shelf } from "./lexicon.ts";

export interface Trait {
  readonly attribute: Attribute;
  /** The name of the attribute, or its other words. */
  readonly words: string;
  readonly inTitle: boolean;
  readonly inBullets: boolean;
  readonly inDescription: boolean;
}

/** Products that have two attributes or more, and so an instruction, by department. */
const RICH: Readonly<Record<string, number>> = {
  ...{ beauty: 0.38, electronics: 0.275, garden: 0.48, fashion: 0.645, grocery: 0.25 },
};
/** Of the others, those that have none. */
const BARE = 0.62;
/** How likely two, three, four … attributes are where there are two at least. */
const MORE = [0.43, 0.27, 0.17, 0.05, 0.04, 0.02, 0.01, 0.01];
const OTHER_WORDS = 0.3;
const PLACES = { title: 0.29, bullets: 0.7, description: 0.2 };
/** How likely none, one, two and three of the product's names are attributes, too. */
const KINDS = [0.5, 0.17, 0.15, 0.18];

export function drawTraits(random: Random, { department, attributes }: Shelf): Trait[] {
  const isRich = happens(random, RICH[department] as number);
  const few = happens(random, BARE) ? 0 : 1;
  const count = isRich ? 2 + pickWeighted(random, MORE) : few;
  return random.sample(attributes, count).map((attribute) => {
    const inTitle = happens(random, PLACES.title);
    const inDescription = happens(random, PLACES.description);
    const inBullets = happens(random, PLACES.bullets) || !(inTitle || inDescription);
    const words = happens(random, OTHER_WORDS) ? attribute.phrase : attribute.name;
    return { attribute, words, inTitle, inBullets, inDescription };
  });
}

/** Names of the product that count as attributes: `wall clock`. */
export function drawKinds(random: Random, { nouns }: Shelf): string[] {
  const pairs = nouns.map((noun) => noun.split(" ").slice(-2).join(" "));
  const kinds = pairs.filter((pair) => pair.includes(" "));
  return random.sample(kinds, pickWeighted(random, KINDS));
}
