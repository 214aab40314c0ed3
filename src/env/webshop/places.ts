/** Where a visitor of the shop is, what the page offers to click, and where a search or a click leads. */
import { invariant } from "../../core/errors.ts";
import type { Catalogue } from "./catalogue.ts";
import { PRODUCTS_PER_PAGE, SUB_PAGES, type SubPage } from "./pages.ts";

export const BUTTONS = {
  back: "back to search",
  next: "next >",
  previous: "< prev",
  buy: "buy now",
} as const;
const SEARCH_BUTTON = "search";

/** What a click can be meant for that is neither a product nor a value. */
export const BUTTON_WORDS: readonly string[] = [
  ...Object.values(BUTTONS),
  ...SUB_PAGES,
  SEARCH_BUTTON,
];

export type PageName = "search" | "results" | "item" | SubPage | "done";

export interface Place {
  readonly page: PageName;
  readonly query: string;
  /** Products that the search found, of all pages. */
  readonly results: readonly number[];
  /** Counts from 1; 0 before a search. */
  readonly pageNumber: number;
  /** The product on show; -1 where there is none. */
  readonly item: number;
  /** Option name → the value that was chosen, in the order of the first choice. */
  readonly options: ReadonlyMap<string, string>;
}

export const ENTRANCE: Place = {
  ...{ page: "search", query: "", results: [], pageNumber: 0 },
  ...{ item: -1, options: new Map() },
};

/** The first page of results; a search works on every page. */
export function searched(query: string, results: readonly number[]): Place {
  return { ...ENTRANCE, page: "results", query, results, pageNumber: 1 };
}

/** The products on a page of results. */
export function shownProducts({ results, pageNumber }: Place): readonly number[] {
  const from = (pageNumber - 1) * PRODUCTS_PER_PAGE;
  return results.slice(from, from + PRODUCTS_PER_PAGE);
}

/** Buttons in the page's order, then products, then values; none twice. */
export function clickables(catalogue: Catalogue, place: Place): readonly string[] {
  const { back, next, previous, buy } = BUTTONS;
  switch (place.page) {
    case "search":
      return [SEARCH_BUTTON];
    case "results": {
      const ids = shownProducts(place).map((number) => clickName(catalogue, number));
      return place.pageNumber > 1 ? [back, previous, next, ...ids] : [back, next, ...ids];
    }
    case "item": {
      const values = catalogue.product(place.item).options.flatMap(([, list]) => list);
      return [...new Set([back, previous, ...SUB_PAGES, buy, ...values])];
    }
    case "done":
      return [];
    default:
      return [back, previous];
  }
}

/** Where a click leads; undefined for what the page does not offer, and for the search button alone. */
export function clicked(catalogue: Catalogue, place: Place, name: string): Place | undefined {
  if (name === SEARCH_BUTTON || !clickables(catalogue, place).includes(name)) return undefined;
  if (name === BUTTONS.back) return ENTRANCE;
  if (place.page === "results") return fromResults(catalogue, place, name);
  return place.page === "item" ? fromItem(catalogue, place, name) : { ...place, page: "item" };
}

function fromResults(catalogue: Catalogue, place: Place, name: string): Place {
  if (name === BUTTONS.next) return { ...place, pageNumber: place.pageNumber + 1 };
  if (name === BUTTONS.previous) return { ...place, pageNumber: place.pageNumber - 1 };
  const item = shownProducts(place).find((number) => clickName(catalogue, number) === name);
  invariant(item !== undefined, `a click on "${name}", which is not on the page`);
  return { ...place, page: "item", item };
}

/** What a button is called, it does, also where a value has that name. */
function fromItem(catalogue: Catalogue, place: Place, name: string): Place {
  const subPage = SUB_PAGES.find((page) => page === name);
  if (subPage !== undefined) return { ...place, page: subPage };
  if (name === BUTTONS.buy) return { ...place, page: "done" };
  if (name === BUTTONS.previous) {
    return { ...place, page: "results", item: -1, options: new Map() };
  }
  const option = catalogue.product(place.item).options.findLast(([, list]) => list.includes(name));
  invariant(option !== undefined, `a click on "${name}", which is not on the page`);
  return { ...place, options: new Map(place.options).set(option[0], name) };
}

/** What is clicked to see a product. */
export function clickName({ asins }: Catalogue, number: number): string {
  return (asins[number] as string).toLowerCase();
}
