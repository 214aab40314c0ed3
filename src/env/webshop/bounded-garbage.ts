/**
 * Goes through many elements and clears away what was thrown away on the way: next to a large catalogue the
 * engine would wait until the garbage is as large as that.
 */
const BETWEEN = 50_000;

export function* withBoundedGarbage<Item>(items: Iterable<Item>): Generator<Item> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % BETWEEN === 0) Bun.gc(true);
  }
}
