import { describe, expect, test } from "bun:test";
import { Catalogue } from "../../../src/env/webshop/catalogue.ts";
import { cleanProduct, indexedText } from "../../../src/env/webshop/product.ts";
import { buildProductIndex, ProductSearch } from "../../../src/env/webshop/product-search.ts";
import { analyze } from "../../../src/retrieval/analyzer.ts";
import { IndexBuilder } from "../../../src/retrieval/build-index.ts";
import { lengthCode } from "../../../src/retrieval/lucene-length.ts";
import { HAS_DATA, readShared, realShop } from "./data.ts";
import { after, ENTRIES, entry, littleShop, startFor } from "./little-shop.ts";

function catalogueOf(...entries: readonly ReturnType<typeof entry>[]): Catalogue {
  const catalogue = new Catalogue();
  for (const one of entries) catalogue.add(cleanProduct(one, [], "here"));
  return catalogue;
}

test("equal scores are in the order of the asins, whatever the file's order", () => {
  const catalogue = catalogueOf(
    entry("B3", "red pot"),
    entry("B1", "red pot"),
    entry("B2", "red pot"),
  );
  const search = new ProductSearch(catalogue, buildProductIndex(catalogue));
  expect(search.find("red").map((number) => catalogue.asins[number])).toEqual(["B1", "B2", "B3"]);
});

test("at most 50 products are found, and none by an asin, a second bullet point or an attribute", () => {
  const opening = (query: string) => after(startFor(littleShop(), "C100"), `search[${query}]`);
  expect(opening("flower")).toContain("Page 1 (Total results: 50)");
  for (const query of ["B000000001", "washable", "clean", "the", "zebra"]) {
    expect(opening(query)).toContain("Page 1 (Total results: 0)");
  }
  for (const query of ["KNITTED", "scarf blue", "warm"]) {
    expect(opening(query)).toContain("B000000001");
  }
});

describe("an index is refused", () => {
  const catalogue = catalogueOf(...ENTRIES.slice(0, 2));
  test.each([
    [
      "with no products",
      () => new IndexBuilder({ analyzer: "lucene", scores: "lucene" }),
      /it has 0 products, the catalogue has 2/,
    ],
    [
      "without words",
      () => filled(["", ""]),
      /it has 0 words for B000000001, the catalogue has \d+/,
    ],
    ["of other products", () => filled(["woollen", "scarf"]), /it has 1 words for B000000001/],
    ["of another ranking", () => filled(["a", "b"], "exact"), /not built for WebShop's ranking/],
  ])("%s", (_, build, message) => {
    expect(() => new ProductSearch(catalogue, build().finish(), "x.index")).toThrow(message);
  });

  test("when a common word finds nothing, or a product without it", () => {
    const real = buildProductIndex(catalogue);
    const words = [...Array(2).keys()].map((i) =>
      Array(real.arrays.lengths[i]!).fill("zebra").join(" "),
    );
    expect(() => new ProductSearch(catalogue, filled(words).finish(), "x.index")).toThrow(
      /x\.index: a search for the common word "[a-z]+" finds nothing/,
    );
  });

  function filled(texts: readonly string[], scores: "lucene" | "exact" = "lucene"): IndexBuilder {
    const builder = new IndexBuilder({ analyzer: "lucene", scores });
    for (const text of texts) builder.add(text);
    return builder;
  }
});

describe("first words of a query", () => {
  const results = (episode: ReturnType<typeof startFor>, query: string) => {
    const text = after(episode, `search[${query}]`);
    return { text, total: Number(/Total results: (\d+)/.exec(text)?.[1]) };
  };

  test("are words like others unless shortcuts are on", () => {
    const episode = startFor(littleShop(), "C100");
    expect(results(episode, "<c> fashion").total).toBe(0);
    expect(results(episode, "<q> scarves").total).toBe(0);
    expect(results(episode, "<a> scarf").total).toBe(2);
  });

  test("<c> and <q> list a category or a site query exactly, in the file's order, without a limit", () => {
    const episode = startFor(littleShop({ shortcuts: "on" }), "C100");
    expect(results(episode, "<c> garden").total).toBe(ENTRIES.length - 1);
    expect(results(episode, "<c> garden").text).toContain("Next > [SEP] B000000002");
    expect(results(episode, "<q> scarves").total).toBe(1);
    expect(results(episode, "<q> scarv").total).toBe(0);
    expect(results(episode, "scarf <q>").total).toBe(2);
  });

  test("<r> draws 50 different products", () => {
    const world = littleShop({ shortcuts: "on" });
    const draw = (seed: number) => {
      const episode = startFor(world, "C100", { seed });
      episode.step("search[<r>]");
      return episode.place.results;
    };
    expect(new Set(draw(1)).size).toBe(50);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test("<a>, and <c> alone, do nothing where the original fails", () => {
    const episode = startFor(littleShop({ shortcuts: "on" }), "C100");
    for (const query of ["<a> soft", "<c>"]) {
      expect(episode.step(`search[${query}]`)).toMatchObject({
        valid: false,
        observation: episode.opening,
      });
    }
  });
});

describe.skipIf(!HAS_DATA)("the real index", () => {
  test("12,074 terms with both frequencies, and every length, through the shop's own texts", () => {
    const { search, catalogue } = realShop();
    const record = readShared<{
      vocabulary: Record<string, [number, number]>;
      norm_byte_by_asin: Record<string, number>;
    }>("lucene_index_stats_1000.json.gz");
    const ours = new Map(
      Array.from(search.index.terms(), (term) => {
        const { documents, occurrences } = search.index.statistics(term);
        return [term, [documents, occurrences]];
      }),
    );
    expect(ours.size).toBe(12_074);
    expect(ours).toEqual(new Map(Object.entries(record.vocabulary)));
    const lengths = [...catalogue.byAsin()].map((number, document) => [
      catalogue.asins[number],
      lengthCode(search.index.arrays.lengths[document]!),
    ]);
    expect(Object.fromEntries(lengths)).toEqual(
      Object.fromEntries(
        Object.entries(record.norm_byte_by_asin).map(([asin, byte]) => [asin, byte & 255]),
      ),
    );
  });

  test("the ranking of a public log", () => {
    const { search, catalogue } = realShop();
    const found = search.find("women jumpsuits").map((number) => catalogue.asins[number]);
    expect(found.slice(0, 5)).toEqual([
      ...["B09NDS8F4V", "B09PVNLVRW", "B09RV4TXKJ", "B099WX3CV5", "B09Q37JQZ6"],
    ]);
  });

  test("every ranking of 40 instructions is that of the definition, to the float", () => {
    const { search, catalogue, goals } = realShop();
    const order = [...catalogue.byAsin()];
    for (const { text } of goals.filter((_, i) => i % 175 === 3)) {
      const found = search.find(text).map((number) => order.indexOf(number));
      expect(found).toEqual(bestByDefinition(text));
    }
  });
});

/** Section 2 of the specification as it stands, over the recorded statistics; documents, best first. */
function bestByDefinition(query: string): number[] {
  const { index } = realShop().search;
  const { fround } = Math;
  const n = index.documentCount;
  const [k1, b, average] = [fround(0.9), fround(0.4), fround(index.totalLength / n)];
  const repeats = new Map<string, number>();
  for (const term of analyze(query, { analyzer: "lucene" })) {
    repeats.set(term, (repeats.get(term) ?? 0) + 1);
  }
  const scores = Array<number>(n).fill(0);
  for (const [term, count] of repeats) {
    const { documents } = index.statistics(term);
    if (documents === 0) continue;
    const idf = fround(Math.log(1 + (n - documents + 0.5) / (documents + 0.5)));
    const weight = fround(count * idf);
    for (const [document, frequency] of frequencies(term)) {
      const length = squeezed(index.arrays.lengths[document]!);
      const norm = fround(
        1 / fround(k1 * fround(fround(1 - b) + fround(b * fround(length / average)))),
      );
      scores[document]! += fround(weight - fround(weight / fround(1 + fround(frequency * norm))));
    }
  }
  const ranked = scores.map((score, document) => [fround(score), document] as const);
  const positive = ranked.filter(([score]) => score > 0);
  return positive
    .sort(([a, i], [b2, j]) => b2 - a || i - j)
    .slice(0, 50)
    .map(([, document]) => document);
}

let counted: Map<string, number>[] | undefined;

/** Documents with a term, and how often they have it: counted from the texts, not from the index. */
function frequencies(term: string): (readonly [number, number])[] {
  const { catalogue } = realShop();
  counted ??= [...catalogue.byAsin()].map((number) => {
    const counts = new Map<string, number>();
    for (const one of analyze(indexedText(catalogue.product(number)), { analyzer: "lucene" })) {
      counts.set(one, (counts.get(one) ?? 0) + 1);
    }
    return counts;
  });
  return counted.flatMap((counts, document) => {
    const count = counts.get(term);
    return count === undefined ? [] : [[document, count] as const];
  });
}

/** A length in a byte and back. */
function squeezed(x: number): number {
  if (x < 24) return x;
  const y = x - 24;
  const bits = y.toString(2).length;
  const code = bits < 4 ? y : ((y >> (bits - 4)) & 7) | ((bits - 3) << 3);
  const shift = (code >> 3) - 1;
  const low = code & 7;
  return 24 + (shift === -1 ? low : (low | 8) << shift);
}
