/** Takes in the entries of a catalogue as the original's loader does. */
import { UserError } from "../../core/errors.ts";
import { withBoundedGarbage } from "./bounded-garbage.ts";
import { Catalogue } from "./catalogue.ts";
import type { JsonElement } from "./json-elements.ts";
import { asinOf, cleanProduct, isListed, NO_ATTRIBUTES } from "./product.ts";

export type Note = (line: string) => void;

const NAMED = 3;

/**
 * @param name of the catalogue, for messages
 * @throws UserError naming the product and the field that is wrong
 */
export function takeStock(
  entries: Iterable<Pick<JsonElement, "value" | "where">>,
  attributes: ReadonlyMap<string, readonly string[]>,
  name: string,
  note: Note,
): Catalogue {
  const catalogue = new Catalogue();
  const repeated: string[] = [];
  for (const { value, where } of withBoundedGarbage(entries)) {
    const asin = asinOf(value, where);
    if (!isListed(asin)) continue;
    if (catalogue.numberOf(asin) !== undefined) repeated.push(asin);
    else catalogue.add(cleanProduct(value, attributes.get(asin) ?? NO_ATTRIBUTES, where));
  }
  if (catalogue.size === 0) throw new UserError(`${name}: no product in it`);
  noteSome(note, repeated, `${name}: an asin again, skipped`);
  return catalogue;
}

/** Tells of asins that the catalogue does not have. */
export function noteStrangers(
  note: Note,
  asins: Iterable<string>,
  catalogue: Catalogue,
  file: string,
): void {
  const strangers = [...asins].filter((asin) => catalogue.numberOf(asin) === undefined);
  noteSome(note, strangers, `${file}: not in the catalogue, passed over`);
}

function noteSome(note: Note, asins: readonly string[], what: string): void {
  if (asins.length === 0) return;
  const rest = asins.length - NAMED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  note(`webshop: ${what}: ${asins.slice(0, NAMED).join(", ")}${more}`);
}
