/** Words of the generated world that are not invented. */

export const TYPES = ["person", "town", "company", "book", "academy", "region", "river"] as const;
export type EntityType = (typeof TYPES)[number];

export const PROFESSIONS = [
  ..."weaver baker mason potter tailor brewer painter tanner cooper glazier fletcher saddler".split(
    " ",
  ),
];
export const PRODUCTS = [
  ..."spoons ropes barrels clocks candles sails bells anchors kettles carpets ladders mirrors".split(
    " ",
  ),
];

/** What stands before or behind an invented name. */
export const COMPANIES = ["Works", "Mills", "Foundry", "Shipyard", "Brothers"];
export const BOOKS = [
  "The Song of",
  "The Lantern of",
  "The Winter of",
  "The Keeper of",
  "A Map of",
];
export const TOWNS = ["Upper", "Lower", "Port"];
export const ACADEMY = "Academy";

/** Words of names that are not invented. */
export const NAME_WORDS: readonly string[] = [
  ...new Set([...COMPANIES, ...BOOKS, ...TOWNS, ACADEMY].flatMap((name) => name.split(" "))),
];
