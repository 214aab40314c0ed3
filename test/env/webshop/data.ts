import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { loadShop } from "../../../src/env/webshop/load.ts";
import type { Shop } from "../../../src/env/webshop/shop.ts";

/** The real 1,000 products, beside the repository; tests that need them skip without them. */
export const DATA = join(import.meta.dir, "../../../../shared/data/webshop");
export const HAS_DATA = existsSync(join(DATA, "items_shuffle_1000.json.gz"));
export const SEED = 233;

if (!HAS_DATA) console.log(`skipping tests on the real WebShop catalogue: no ${DATA}`);

export function readShared<T>(name: string): T {
  const bytes = readFileSync(join(DATA, name));
  return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()) as T;
}

let loaded: Shop | undefined;

/** The real shop with its synthetic goals; loaded once. */
export function realShop(): Shop {
  loaded ??= loadShop(DATA, { goals: "synthetic", seed: SEED }, () => {});
  return loaded;
}

/** One view of a page in a session that was recorded. */
export interface PageView {
  readonly page: "index" | "search_results" | "item_page" | "item_sub_page" | "done";
  readonly url: string;
  readonly goal: {
    readonly asin: string;
    readonly instruction_text: string;
    readonly attributes: readonly string[];
    readonly goal_options: readonly string[];
    readonly price_upper: number;
  };
  readonly content?: {
    /** A list, or the text that Python prints for one. */
    readonly keywords?: string | readonly string[];
    readonly search_result_asins?: readonly string[];
    readonly page?: number | string;
    readonly asin?: string;
    readonly options?: Readonly<Record<string, string>>;
  };
}

export function recordedSessions(): readonly (readonly [
  name: string,
  views: readonly PageView[],
])[] {
  const folder = join(DATA, "human_trajs");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => {
      const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
      return [name, lines.map((line) => JSON.parse(line) as PageView)] as const;
    });
}
