/** What goals ask for: in the form of the synthetic instructions, and as people put it. */

import { pickWeighted } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";
import { happens, pick } from "./chance.ts";
import type { Choice } from "./choices.ts";
import { type Attribute, ROLES, type Role } from "./lexicon.ts";
import type { Draft } from "./titles.ts";
import type { Trait } from "./traits.ts";

export interface Asked {
  readonly instruction: string;
  readonly instruction_attributes: readonly string[];
}

/** `Find me easy clean, non slip wall clocks with wood finish for home decor`, before options and price. */
export function instructionFor(traits: readonly Trait[], query: string): Asked {
  const attributes = traits.map(({ attribute }) => attribute);
  const [as = [], withs = [], fors = []] = ROLES.map((role) => namesOf(attributes, role));
  const asked = [
    ["Find me", as.join(", "), query].filter(Boolean).join(" "),
    withs.length > 0 ? ` with ${withs.join(", ")}` : "",
    fors.length > 0 ? ` for ${fors.join(", ")}` : "",
  ];
  return { instruction: asked.join(""), instruction_attributes: [...as, ...withs, ...fors] };
}

const OPENINGS: readonly string[] = [
  ...["i am looking for", "i need", "i want to buy", "show me", "please find me", "i would like"],
  ...["can you help me find", "i'm shopping for", "get me", "search for", "hello, i'm after"],
  ...["my sister asked me for", "looking for", "where can i get", "i want"],
];
const ENDINGS: readonly string[] = [".", "", "", ", please", ". thank you."];
/** How likely one, two and three attributes are. */
const ATTRIBUTES = [0.6, 0.3, 0.1];
/** What it should be stands before its name, not behind it. */
const FIRST = 0.5;
/** An option of the product is asked for. */
const OPTION = 0.7;
/** What an option is in a sentence; V is its value. */
const OPTION_PHRASES: Readonly<Record<string, readonly string[]>> = {
  Color: ["in V", "in the color V", "in V color"],
  Size: ["in size V", "size V", "in the V size"],
  Style: ["in the V style", "style V"],
  Scent: ["with V scent", "with the smell of V"],
  "Flavor Name": ["with V flavor", "with the taste of V"],
  "Fit Type": ["in V fit", "with V fit"],
  Pack: ["as a V", "in a V"],
  "Number of Pieces": ["as V", "V"],
  Thickness: ["V thick", "with a thickness of V"],
};

export interface Spoken extends Asked {
  readonly instruction_options: readonly string[];
}

/** In lower case, with one attribute at least and some of the options. */
export function drawSpoken(random: Random, { noun, traits, choices }: Draft): Spoken {
  const all = traits.map(({ attribute }) => attribute);
  const attributes = random.sample(all, 1 + pickWeighted(random, ATTRIBUTES));
  const before = attributes.filter(({ role, phrase }) => {
    return role === "as" && !isClause(phrase) && happens(random, FIRST);
  });
  const values: string[] = [];
  const asked = choices.flatMap((choice) => {
    if (choice.values === undefined || !happens(random, OPTION)) return [];
    const value = pick(random, choice.values).toLowerCase();
    values.push(value);
    return [optionPhrase(random, choice, value)];
  });
  const [withs, fors, rest] = [
    namesOf(attributes, "with").join(" and "),
    namesOf(attributes, "for").join(" and "),
    attributes.filter((one) => one.role === "as" && !before.includes(one)).map(claimOf),
  ];
  const described = [...before.map(({ name }) => name), noun].join(" ");
  const wish = [
    `${pick(random, OPENINGS)} ${article(described)}${described}`,
    ...asked,
    ...(withs && [`with ${withs}`]),
    ...(fors && [`for ${fors}`]),
    rest.join(" and "),
  ];
  return {
    instruction: wish.filter(Boolean).join(" ") + pick(random, ENDINGS),
    instruction_attributes: attributes.map(({ name }) => name),
    instruction_options: values,
  };
}

function namesOf(attributes: readonly Attribute[], role: Role): string[] {
  return attributes.filter((one) => one.role === role).map(({ name }) => name);
}

function optionPhrase(random: Random, { name }: Choice, value: string): string {
  return pick(random, OPTION_PHRASES[name] as readonly string[]).replace("V", value);
}

function claimOf({ phrase }: Attribute): string {
  return isClause(phrase) ? `that ${phrase}` : `that should be ${phrase}`;
}

/** `resists water`, not `waterproof`. */
function isClause(phrase: string): boolean {
  return /^(?:[a-z]+s|may) /.test(phrase);
}

function article(words: string): string {
  if (/s$/.test(words)) return "";
  return /^[aeiou]/.test(words) ? "an " : "a ";
}
