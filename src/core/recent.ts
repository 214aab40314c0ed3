/** Remembers so many values; the least recently asked for is forgotten first. */
export class Recent<Key, Value> {
  readonly #most: number;
  /** The least recently asked for stands first. */
  readonly #values = new Map<Key, Value>();

  /** @param most values at a time, at least 1 */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: Key): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.#most) return;
    const oldest = this.#values.keys().next();
    if (!oldest.done) this.#values.delete(oldest.value);
  }
}
