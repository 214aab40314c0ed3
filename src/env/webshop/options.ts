import { choice, number, text } from "../../core/declared.ts";
import { UserError } from "../../core/errors.ts";
import { type OptionTexts, optionName } from "../options.ts";
import { MOST_PRODUCTS } from "./generated/asins.ts";
import { DEFAULT_CATALOGUE } from "./generated/generated.ts";

/** A generator's seed has 32 bits. */
const seed = { type: "integer", minimum: 0, maximum: 2 ** 32 - 1 } as const;

const OF_DATA = {
  index: text(
    "FILE",
    "with data: the search index, opened in place of building it, or saved there",
  ),
};
const OF_GENERATED = {
  products: number("N", "in the generated shop", {
    ...{
      type: "integer",
      minimum: 1,
      maximum: MOST_PRODUCTS,
      fallback: DEFAULT_CATALOGUE.products,
    },
  }),
  worldSeed: number("N", "another seed is another generated shop", {
    ...{ ...seed, fallback: DEFAULT_CATALOGUE.seed },
  }),
};

export const OPTIONS = {
  format: choice(
    ["compact", "text"],
    "how the agent reads and writes: compact for small word-level models, text as in verl-agent",
    { fallback: "compact" },
  ),
  reward: choice(
    ["score", "1", "10"],
    "the score, or so much for a full score alone; verl-agent has 10",
    { fallback: "score" },
  ),
  goals: choice(["synthetic", "human"], "instructions made from attributes, or people's", {
    fallback: "synthetic",
  }),
  optionRule: choice(
    ["pairs", "values"],
    "how chosen options are compared; values: without the original's mistake of colour words",
    { fallback: "pairs" },
  ),
  shortcuts: choice(
    ["off", "on"],
    "searches that begin with <r>, <c> or <q> list products at random, of a category, of a query",
    { fallback: "off" },
  ),
  seed: number("N", "of prices, price limits and the order of goals", { ...seed, fallback: 233 }),
  ...OF_DATA,
  ...OF_GENERATED,
};

/** @throws UserError for an option that would be ignored */
export function checkUse(option: OptionTexts, hasData: boolean): void {
  const others = Object.keys(hasData ? OF_GENERATED : OF_DATA).map(optionName);
  const unused = others.find((name) => option[name] !== undefined);
  if (unused === undefined) return;
  const other = hasData ? "the generated catalogue" : "a real catalogue (--data)";
  throw new UserError(`webshop: option ${unused} is for ${other}`, "leave it out");
}
