/** What every page says, in the original's text mode: segments joined by ` [SEP] `. */
import { floatText } from "../python-text.ts";
import { strip } from "../strip.ts";
import { type Product, priceTag } from "./product.ts";

export const SEPARATOR = " [SEP] ";
export const PRODUCTS_PER_PAGE = 10;
export const SUB_PAGES = ["description", "features", "reviews"] as const;
export type SubPage = (typeof SUB_PAGES)[number];

export function searchPage(task: string): string {
  return join(["WebShop", "Instruction:", task, "Search"]);
}

/** @param shown the products of this page @param total results of all pages */
export function resultsPage(
  task: string,
  { page, total, shown }: { page: number; total: number; shown: readonly Product[] },
): string {
  const products = shown.flatMap((product) => [
    product.asin,
    ...texts(product.title),
    priceTag(product),
  ]);
  return join([
    ...["Instruction:", task, "Back to Search", `Page ${page} (Total results: ${total})`],
    ...(page > 1 ? ["< Prev", "Next >"] : ["Next >"]),
    ...products,
  ]);
}

export function itemPage(task: string, product: Product): string {
  const options = product.options.flatMap(([name, values]) => [name, ...values].flatMap(texts));
  return join([
    ...[...head(task), ...options, ...texts(product.title), `Price: ${priceTag(product)}`],
    ...["Rating: N.A.", "Description", "Features", "Reviews", "Buy Now"],
  ]);
}

export function subPage(task: string, page: SubPage, product: Product): string {
  if (page === "description") return join([...head(task), ...texts(product.description)]);
  // A bullet point is a segment even when it is empty.
  return join([...head(task), ...(page === "features" ? product.bullets : [])]);
}

export function donePage(
  asin: string,
  options: ReadonlyMap<string, string>,
  score: number,
): string {
  return join([
    ...["Thank you for shopping with us!", "Your code:", "None"],
    ...["(Paste it in your MTurk interface.)", "Purchased", "asin", asin],
    ...["options", optionsJson(options), "attrs", "None", "category", "None", "query", "None"],
    ...["product category", "None", "Target", "asin", "options", "attrs", "price upper"],
    ...["instuction text", "category", "product category", "query", "Goal", "None", "Reward"],
    ...["Your score (min 0.0, max 1.0)", floatText(score), "Reward Details", "None"],
  ]);
}

function head(task: string): readonly string[] {
  return ["Instruction:", task, "Back to Search", "< Prev"];
}

/** A text that is not there gives no segment; nor does a lone line break. */
function texts(text: string): readonly string[] {
  return text === "" || text === "\n" ? [] : [text];
}

function join(segments: readonly string[]): string {
  return segments.map(strip).join(SEPARATOR);
}

/** As Flask writes JSON into a page: keys sorted, `, ` and `: `, what is not plain ASCII escaped. */
function optionsJson(options: ReadonlyMap<string, string>): string {
  const sorted = [...options].sort(([a], [b]) => (a < b ? -1 : 1));
  const quoted = (text: string) =>
    JSON.stringify(text).replace(/[<>&'\u007f-\uffff]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
  return `{${sorted.map(([name, value]) => `${quoted(name)}: ${quoted(value)}`).join(", ")}}`;
}
