import { describe, expect, test } from "bun:test";
import { Catalogue } from "../../../src/env/webshop/catalogue.ts";
import {
  BUTTONS,
  clicked,
  ENTRANCE,
  type PageName,
  type Place,
  searched,
} from "../../../src/env/webshop/places.ts";
import { cleanProduct } from "../../../src/env/webshop/product.ts";
import { HAS_DATA, type PageView, recordedSessions } from "./data.ts";
import { choices, entry } from "./little-shop.ts";

const PAGES: Readonly<Record<PageView["page"], readonly PageName[]>> = {
  index: ["search"],
  search_results: ["results"],
  item_page: ["item"],
  item_sub_page: ["description", "features", "reviews"],
  done: ["done"],
};

/** Every product of a session, with the values that were chosen. */
function productsOf(views: readonly PageView[]): Catalogue {
  const options = new Map<string, Record<string, string[]>>();
  for (const { content = {} } of views) {
    for (const asin of content.search_result_asins ?? [])
      if (!options.has(asin)) options.set(asin, {});
    const own = content.asin === undefined ? {} : (options.get(content.asin) ?? {});
    for (const [name, value] of Object.entries(content.options ?? {})) own[name] = [value];
    if (content.asin !== undefined) options.set(content.asin, own);
  }
  const catalogue = new Catalogue();
  for (const [asin, own] of options) {
    const fields = { customization_options: choices(own) };
    // Values stand there as they were shown: the bars are not to be made again.
    catalogue.add(cleanProduct(entry(asin, asin, fields), [], "here"));
  }
  return catalogue;
}

/** What leads from one view to the next, as a person clicked it. */
function clickBetween(from: PageView, to: PageView): string {
  const before = Object.entries(from.content?.options ?? {});
  const chosen = Object.entries(to.content?.options ?? {}).find(
    ([name, value]) => !before.some(([one, other]) => one === name && other === value),
  );
  switch (to.page) {
    case "index":
      return BUTTONS.back;
    case "done":
      return BUTTONS.buy;
    case "item_sub_page":
      return (
        /\/(Description|Features|Reviews)\//.exec(decodeURIComponent(to.url))?.[1] ?? ""
      ).toLowerCase();
    case "item_page":
      if (from.page === "search_results") return to.content!.asin!.toLowerCase();
      return from.page === "item_sub_page" ? BUTTONS.previous : chosen![1];
    default: {
      const forward = Number(to.content?.page) > Number(from.content?.page);
      return from.page === "search_results" && forward ? BUTTONS.next : BUTTONS.previous;
    }
  }
}

/** The results of a search: those shown, on the pages on which they were shown. */
function resultsOf(views: readonly PageView[], keywords: string, catalogue: Catalogue): number[] {
  const results: number[] = [];
  for (const { page, content = {} } of views) {
    if (page !== "search_results" || String(content.keywords) !== keywords) continue;
    const from = 10 * (Number(content.page) - 1);
    content.search_result_asins!.forEach((asin, i) => {
      results[from + i] = catalogue.numberOf(asin)!;
    });
  }
  return results;
}

describe.skipIf(!HAS_DATA)("sessions of people, April 2022", () => {
  const sessions = HAS_DATA ? recordedSessions() : [];

  test("are nine with 61 views", () => {
    expect(sessions).toHaveLength(9);
    expect(sessions.flatMap(([, views]) => views)).toHaveLength(61);
  });

  test.each(sessions)("%s passes through the same places with the same options", (_, views) => {
    const catalogue = productsOf(views);
    let place: Place | undefined = ENTRANCE;
    for (const [i, view] of views.entries()) {
      const from = views[i - 1];
      const { content = {} } = view;
      const isSearch = view.page === "search_results" && from?.page === "index";
      if (isSearch) {
        const keywords = String(content.keywords);
        place = searched(keywords, resultsOf(views, keywords, catalogue));
      } else if (from !== undefined && !(from.page === "index" && view.page === "index")) {
        place = clicked(catalogue, place, clickBetween(from, view));
      }
      expect(place).toBeDefined();
      if (place === undefined) return;
      expect(PAGES[view.page]).toContain(place.page);
      if (view.page === "search_results") expect(place.pageNumber).toBe(Number(content.page));
      if (content.asin !== undefined) expect(catalogue.asins[place.item]).toBe(content.asin);
      if (content.options !== undefined) {
        expect(Object.fromEntries(place.options)).toEqual(content.options);
      }
    }
    expect(place?.page).toBe("done");
  });
});
