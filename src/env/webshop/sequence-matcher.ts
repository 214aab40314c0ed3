/** How many characters two texts have in common as Python's `difflib.SequenceMatcher` counts them. */

/** Texts of at least this many characters have their most frequent ones left out of the search. */
const LONG = 200;

/** Sum of the matching blocks: the longest one, then those left and right of it. */
export function matchingCharacters(first: readonly string[], second: readonly string[]): number {
  const places = placesOf(second);
  const waiting: [number, number, number, number][] = [[0, first.length, 0, second.length]];
  let sum = 0;
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    const [fromA, toA, fromB, toB] = range;
    const [a, b, size] = longestMatch(first, second, places, range);
    if (size === 0) continue;
    sum += size;
    waiting.push([fromA, a, fromB, b], [a + size, toA, b + size, toB]);
  }
  return sum;
}

function placesOf(text: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = Map.groupBy(text.keys(), (at) => text[at]!);
  if (text.length >= LONG) {
    const most = Math.floor(text.length / 100) + 1;
    for (const [character, list] of places) if (list.length > most) places.delete(character);
  }
  return places;
}

/** The first of the longest blocks within a range, extended by what the search left out. */
function longestMatch(
  first: readonly string[],
  second: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [fromA, toA, fromB, toB]: readonly [number, number, number, number],
): [a: number, b: number, size: number] {
  let [a, b, size] = [fromA, fromB, 0];
  let above = new Map<number, number>();
  for (let i = fromA; i < toA; i++) {
    const row = new Map<number, number>();
    for (const j of places.get(first[i] as string) ?? []) {
      if (j < fromB) continue;
      if (j >= toB) break;
      const length = (above.get(j - 1) ?? 0) + 1;
      row.set(j, length);
      if (length > size) [a, b, size] = [i - length + 1, j - length + 1, length];
    }
    above = row;
  }
  while (a > fromA && b > fromB && first[a - 1] === second[b - 1])
    [a, b, size] = [a - 1, b - 1, size + 1];
  while (a + size < toA && b + size < toB && first[a + size] === second[b + size]) size++;
  return [a, b, size];
}
