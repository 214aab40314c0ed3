import { existsSync } from "node:fs";
import { join } from "node:path";

/** The published data, beside the repository; tests that need it skip without it. */
const SHARED = join(import.meta.dir, "../../../shared/data");
const WEBSHOP = join(SHARED, "webshop");
const DEEPSEARCH = join(SHARED, "deepsearch");
export const HAS_WEBSHOP = existsSync(join(WEBSHOP, "lucene_index_stats_1000.json.gz"));
export const HAS_DEEPSEARCH = existsSync(join(DEEPSEARCH, "bm25-golden.json"));

if (!HAS_WEBSHOP) console.log(`skipping tests on the recorded Lucene index: no ${WEBSHOP}`);
if (!HAS_DEEPSEARCH) console.log(`skipping tests on the golden BM25 lists: no ${DEEPSEARCH}`);

/** What was decoded from the original's Lucene index. */
export interface LuceneRecord {
  readonly stats: {
    numTerms: number;
    sumTotalTermFreq: number;
    sumDocFreq: number;
    docCount: number;
  };
  /** Term → documents that have it, occurrences in all. */
  readonly vocabulary: Readonly<Record<string, readonly [number, number]>>;
  readonly norm_byte_by_asin: Readonly<Record<string, number>>;
}

export async function luceneRecord(): Promise<LuceneRecord> {
  return JSON.parse(await unzipped(join(WEBSHOP, "lucene_index_stats_1000.json.gz")));
}

export interface ProductText {
  readonly asin: string;
  readonly text: string;
}

interface RawProduct {
  readonly asin: string;
  readonly name: string;
  readonly full_description: string;
  readonly small_description: string | readonly string[];
  readonly customization_options:
    | ""
    | Readonly<Record<string, readonly { value: string }[] | null>>;
}

/** What the original indexes of each product, ordered by asin. */
export async function productTexts(): Promise<readonly ProductText[]> {
  const products: RawProduct[] = JSON.parse(
    await unzipped(join(WEBSHOP, "items_shuffle_1000.json.gz")),
  );
  return products
    .map((product) => ({ asin: product.asin, text: indexedText(product) }))
    .sort((a, b) => (a.asin < b.asin ? -1 : 1));
}

function indexedText(product: RawProduct): string {
  const points = product.small_description;
  const options = Object.entries(product.customization_options || {}).flatMap(([name, values]) =>
    values === null ? [] : [`${name.toLowerCase()}: ${values.map(optionValue).join(", ")}`],
  );
  const first = typeof points === "string" ? points : (points[0] ?? "");
  const parts = [product.name, product.full_description, first, options.join(", and ")];
  return parts.join(" ").toLowerCase();
}

function optionValue({ value }: { value: string }): string {
  return value.trim().replaceAll("/", " | ").toLowerCase();
}

type GoldenHits = readonly (readonly [id: string, score: number])[];

export interface GoldenBm25 {
  readonly n_docs: number;
  readonly sum_doc_len: number;
  readonly avgdl: number;
  readonly vocab: number;
  readonly queries: readonly {
    readonly query: string;
    readonly tokens: readonly string[];
    readonly "k1=0.9,b=0.4": GoldenHits;
    readonly "k1=1.2,b=0.75": GoldenHits;
  }[];
}

export async function goldenBm25(): Promise<GoldenBm25> {
  return await Bun.file(join(DEEPSEARCH, "bm25-golden.json")).json();
}

/** Title line and body of every passage, in order. */
export async function passages(): Promise<readonly string[]> {
  const lines = (await unzipped(join(DEEPSEARCH, "corpus.jsonl.gz"))).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line).contents);
}

export async function goldenStems(): Promise<readonly (readonly [word: string, stem: string])[]> {
  const text = await Bun.file(join(DEEPSEARCH, "porter-golden.tsv")).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [word = "", stem = ""] = line.split("\t");
      return [word, stem] as const;
    });
}

async function unzipped(path: string): Promise<string> {
  return new TextDecoder().decode(Bun.gunzipSync(await Bun.file(path).bytes()));
}
