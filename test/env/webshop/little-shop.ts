/** A shop of a few invented products. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WebShopEpisode } from "../../../src/env/webshop/env.ts";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";

export interface Entry {
  readonly asin: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** An entry of a catalogue's file; what is not given is plain. */
export function entry(
  asin: string,
  name: string,
  fields: Readonly<Record<string, unknown>> = {},
): Entry {
  return {
    ...{ asin, name, full_description: "", small_description: [], pricing: "$10.00" },
    ...{ customization_options: "", category: "garden", query: "things", product_category: "All" },
    ...fields,
  };
}

/** `{ color: ["red", "blue"] }` as a catalogue's file writes it. */
export function choices(options: Readonly<Record<string, readonly string[]>>): unknown {
  return Object.fromEntries(
    Object.entries(options).map(([name, values]) => [name, values.map((value) => ({ value }))]),
  );
}

export const ENTRIES: readonly Entry[] = [
  entry("B000000001", "Woollen Winter Scarf", {
    full_description: "Keeps warm.",
    small_description: ["hand knitted", "", "machine washable"],
    pricing: "$12.5",
    customization_options: choices({ Color: ["Red", "Dark Blue"], Size: ["S", "L/XL"] }),
    category: "fashion",
    query: " Scarves ",
    product_category: "Clothing › Accessories › Scarves",
  }),
  entry("B000000002", "Silk Summer Scarf", {
    pricing: "$30.00 - $20.00",
    customization_options: choices({ Size: ["S", "M"], Fit: ["M", "wide"] }),
    product_category: "Clothing › Accessories › Scarves",
  }),
  entry("B000000003", "", { small_description: "a lone point", pricing: "" }),
  ...Array.from({ length: 57 }, (_, i) => entry(`C${100 + i}`, `Flower Pot number ${i}`)),
];

export const ATTRIBUTES: Readonly<Record<string, unknown>> = {
  B000000001: {
    attributes: ["machine washable", "long lasting"],
    instruction: "Find me machine washable scarf",
    instruction_attributes: ["machine washable"],
  },
  B000000002: {
    attributes: ["light weight"],
    instruction: "Find me light weight scarf",
    instruction_attributes: ["light weight"],
  },
  C100: {
    attributes: ["easy to clean"],
    instruction: "Find me easy to clean flower pots",
    instruction_attributes: ["easy to clean"],
  },
};

export interface Files {
  readonly entries?: readonly unknown[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly human?: Readonly<Record<string, unknown>>;
  /** The catalogue's file as it is, in place of `entries`. */
  readonly itemsText?: string;
}

/** Writes a catalogue in the official layout. */
export function writeCatalogue(
  folder: string,
  { entries = ENTRIES, attributes = ATTRIBUTES, human, itemsText }: Files = {},
): void {
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 1));
  write("items_shuffle.json", entries);
  if (itemsText !== undefined) writeFileSync(join(folder, "items_shuffle.json"), itemsText);
  write("items_ins_v2.json", attributes);
  if (human !== undefined) write("items_human_ins.json", human);
}

/** Opens a little shop, the files of which are gone afterwards. */
export function littleShop(
  option: Readonly<Record<string, string>> = {},
  files: Files = {},
  note: (line: string) => void = () => {},
): WebShop {
  using folder = new TemporaryDirectory();
  writeCatalogue(folder.path, files);
  return new WebShop({ data: folder.path, option, note });
}

/** Starts the first task whose target is a product. */
export function startFor(
  world: WebShop,
  asin: string,
  { seed = 0, maxTurns }: { seed?: number; maxTurns?: number } = {},
): WebShopEpisode {
  const task = world.splits.all?.find((id) => id.endsWith(`/${asin}`)) as string;
  return world.start(task, seed, maxTurns);
}

/** The observation after some actions. */
export function after(episode: WebShopEpisode, ...actions: readonly string[]): string {
  let observation = episode.opening;
  for (const action of actions) observation = episode.step(action).observation;
  return observation;
}
