/** All products by number, in the order of the catalogue's file. */
import { indexedText, type Product } from "./product.ts";
import { RecordStore } from "./record-store.ts";

export class Catalogue {
  readonly asins: string[] = [];
  readonly #products = new RecordStore<Product>();
  readonly #numbers = new Map<string, number>();
  readonly #byCategory = new Map<string, number[]>();
  readonly #byQuery = new Map<string, number[]>();
  /** What products cost, two numbers each; the second is NaN where there is one price. */
  #prices = new Float64Array(1 << 10);

  #byAsin: Uint32Array | undefined;
  #texts = 0n;

  get size(): number {
    return this.asins.length;
  }

  /** Takes a product whose asin it does not have yet. */
  add(product: Product): void {
    const number = this.size;
    this.#byAsin = undefined;
    this.asins.push(product.asin);
    this.#numbers.set(product.asin, number);
    this.#products.add(product);
    this.#addPrices(number, product.prices);
    include(this.#byCategory, product.category, number);
    include(this.#byQuery, product.query, number);
    const text = Bun.hash.xxHash64(`${product.asin} ${indexedText(product)}`);
    this.#texts = BigInt.asUintN(64, this.#texts + text);
  }

  /** Of all that a search looks at, whatever the order of the products: tells an index of these from others. */
  get fingerprint(): string {
    return this.#texts.toString(16);
  }

  /** One price, or the two ends of a range, without reading the whole product. */
  pricesOf(number: number): readonly [number, number?] {
    const [first, second] = [this.#prices[2 * number]!, this.#prices[2 * number + 1]!];
    return Number.isNaN(second) ? [first] : [first, second];
  }

  /** Numbers of all products, ascending by asin. */
  byAsin(): Uint32Array {
    const { asins } = this;
    const byText = (a: number, b: number) => (asins[a]! < asins[b]! ? -1 : 1);
    this.#byAsin ??= Uint32Array.from(Array.from(asins, (_, number) => number).sort(byText));
    return this.#byAsin;
  }

  product(number: number): Product {
    return this.#products.get(number);
  }

  numberOf(asin: string): number | undefined {
    return this.#numbers.get(asin);
  }

  #addPrices(number: number, [first = Number.NaN, second = Number.NaN]: readonly number[]): void {
    if (2 * number + 2 > this.#prices.length) {
      const larger = new Float64Array(2 * this.#prices.length);
      larger.set(this.#prices);
      this.#prices = larger;
    }
    this.#prices[2 * number] = first;
    this.#prices[2 * number + 1] = second;
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
