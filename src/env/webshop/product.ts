/** A product as the shop shows it, made from a catalogue's entry by the original loader's rules. */
import { UserError } from "../../core/errors.ts";
import { floatText } from "../python-text.ts";
import { strip } from "../strip.ts";
import { entriesInOrder } from "./ordered-json.ts";

export interface Product {
  readonly asin: string;
  readonly title: string;
  readonly description: string;
  readonly bullets: readonly string[];
  /** One price, or the two ends of a range; the second may be the smaller one. */
  readonly prices: readonly number[];
  /** Names with their values, in the catalogue's order. */
  readonly options: readonly (readonly [name: string, values: readonly string[]])[];
  readonly attributes: readonly string[];
  readonly category: string;
  readonly query: string;
  readonly path: string;
}

/** What stands for the attributes of a product that nobody gave any. */
export const NO_ATTRIBUTES: readonly string[] = ["DUMMY_ATTR"];

const LONGEST_ASIN = 10;
const MISSING_PRICE = 100;

/** The asin of an entry. @throws UserError when it has none */
export function asinOf(entry: unknown, where: string): string {
  const fields = fieldsOf(entry, where);
  const asin = fields.text("asin");
  return asin.trim() === "" ? fields.fail("asin", asin, "text, not blank") : asin;
}

/** The loader takes no notice of entries with another kind of asin. */
export function isListed(asin: string): boolean {
  return asin !== "nan" && [...asin].length <= LONGEST_ASIN;
}

/** @throws UserError naming the field, what was found and what is allowed */
export function cleanProduct(
  entry: unknown,
  attributes: readonly string[],
  where: string,
): Product {
  const fields = fieldsOf(entry, where);
  const asin = fields.text("asin");
  const named = fieldsOf(entry, `${where} (${asin})`);
  return {
    asin,
    title: named.text("name"),
    description: named.text("full_description"),
    bullets: named.textOrTexts("small_description"),
    prices: named.prices(),
    options: named.options(),
    attributes,
    category: named.text("category"),
    query: strip(named.text("query").toLowerCase()),
    path: named.text("product_category"),
  };
}

/** What the results and the item page say of its price. */
export function priceTag({ prices: [first = 0, second] }: Product): string {
  const from = `$${floatText(first)}`;
  return second === undefined ? from : `${from} to $${floatText(second)}`;
}

/** What the search knows of it. */
export function indexedText({ title, description, bullets, options }: Product): string {
  const choices = options.map(([name, values]) => `${name}: ${values.join(", ")}`);
  const parts = [title, description, bullets[0] ?? "", choices.join(", and ")];
  return parts.join(" ").toLowerCase();
}

function fieldsOf(entry: unknown, where: string) {
  const fail = (name: string, found: unknown, allowed: string): never => {
    const shown = found === undefined ? "nothing" : (JSON.stringify(found) ?? "nothing");
    throw new UserError(`${where}: ${name}: found ${shown.slice(0, 60)}, allowed: ${allowed}`);
  };
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return fail("the entry", entry, "an object");
  }
  const values = entry as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const value = values[name];
    return typeof value === "string" ? value : fail(name, value, "text");
  };
  return {
    fail,
    text,
    textOrTexts(name: string): readonly string[] {
      const value = values[name];
      if (typeof value === "string") return [value];
      const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
      return isList ? value : fail(name, value, "text or a list of texts");
    },
    prices(): readonly number[] {
      const { pricing } = values;
      if (pricing === undefined || pricing === null || pricing === "") return [MISSING_PRICE];
      const written = text("pricing");
      const amounts = written.split("$").slice(1);
      if (amounts.length === 0) return [MISSING_PRICE];
      const numbers = amounts.map((amount) => {
        const digits = amount.replace(/[^0-9.]/g, "");
        const isNumber = /^(\d+\.?\d*|\.\d+)$/.test(digits);
        return isNumber ? Number(digits) : fail("pricing", written, "amounts such as $8.39");
      });
      return numbers.slice(0, 2);
    },
    options(): Product["options"] {
      const { customization_options: choices } = values;
      if (choices === undefined || choices === null || choices === "") return [];
      const name = "customization_options";
      const allowed = '"", or option names with a list of {value}';
      if (typeof choices !== "object" || Array.isArray(choices))
        return fail(name, choices, allowed);
      const options = new Map<string, readonly string[]>();
      for (const [option, list] of entriesInOrder(choices as Record<string, unknown>)) {
        if (list === null) continue;
        if (!Array.isArray(list)) return fail(`${name}.${option}`, list, allowed);
        const cleaned = list.map((one) => {
          const value: unknown = (one as { value?: unknown } | null)?.value;
          if (typeof value !== "string") return fail(`${name}.${option}`, one, allowed);
          return strip(value).replaceAll("/", " | ").toLowerCase();
        });
        options.set(option.toLowerCase(), cleaned);
      }
      return [...options];
    },
  };
}
