/** All products by number, in the order of the catalogue's file. */
import type { Product } from "./product.ts";
import { RecordStore } from "./record-store.ts";

export class Catalogue {
  readonly asins: string[] = [];
  readonly #products = new RecordStore<Product>();
  readonly #numbers = new Map<string, number>();
  readonly #byCategory = new Map<string, number[]>();
  readonly #byQuery = new Map<string, number[]>();

  get size(): number {
    return this.asins.length;
  }

  /** Takes a product whose asin it does not have yet. */
  add(product: Product): void {
    const number = this.size;
    this.asins.push(product.asin);
    this.#numbers.set(product.asin, number);
    this.#products.add(product);
    include(this.#byCategory, product.category, number);
    include(this.#byQuery, product.query, number);
  }

  product(number: number): Product {
    return this.#products.get(number);
  }

  numberOf(asin: string): number | undefined {
    return this.#numbers.get(asin);
  }

  /** Products whose `category` or `query` is exactly this, in order. */
  listed(field: "category" | "query", value: string): readonly number[] {
    return (field === "category" ? this.#byCategory : this.#byQuery).get(value) ?? [];
  }
}

function include(lists: Map<string, number[]>, key: string, number: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [number]);
  else list.push(number);
}
