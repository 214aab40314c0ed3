/**
 * Many records in little memory: each is kept as the bytes of its JSON text and made again when it is asked
 * for; the last ones asked for are remembered.
 */
import { invariant } from "../../core/errors.ts";
import { Recent } from "../../core/recent.ts";

const SMALLEST_SLAB = 1 << 20;
const LARGEST_SLAB = 1 << 26;
/** Above every offset in a slab. */
const SLAB = 2 ** 32;
const REMEMBERED = 4096;

export class RecordStore<Item> {
  readonly #slabs: Uint8Array[] = [];
  /** Slab and offset of each record in one number, and its length. */
  readonly #places: number[] = [];
  readonly #lengths: number[] = [];
  readonly #remembered = new Recent<number, Item>(REMEMBERED);
  readonly #encoder = new TextEncoder();
  #used = 0;

  get size(): number {
    return this.#places.length;
  }

  add(item: Item): void {
    const text = JSON.stringify(item);
    const most = 3 * text.length;
    let slab = this.#slabs.at(-1);
    if (slab === undefined || slab.length - this.#used < most) {
      slab = new Uint8Array(
        Math.max(most, Math.min(2 * (slab?.length ?? 0), LARGEST_SLAB), SMALLEST_SLAB),
      );
      this.#slabs.push(slab);
      this.#used = 0;
    }
    const { written } = this.#encoder.encodeInto(text, slab.subarray(this.#used));
    this.#places.push((this.#slabs.length - 1) * SLAB + this.#used);
    this.#lengths.push(written);
    this.#used += written;
  }

  get(number: number): Item {
    const known = this.#remembered.get(number);
    if (known !== undefined) return known;
    const place = this.#places[number];
    invariant(place !== undefined, `no record ${number}`);
    const slab = this.#slabs[Math.floor(place / SLAB)] as Uint8Array;
    const start = place % SLAB;
    const bytes = slab.subarray(start, start + (this.#lengths[number] as number));
    const item = JSON.parse(new TextDecoder().decode(bytes)) as Item;
    this.#remembered.set(number, item);
    return item;
  }
}
