/**
 * What entities are called in text: class and number. Numbers run downwards in the order of the ids, so a
 * listing in that order counts down: of four cabinets the first is `cabinet 4`.
 */

const SEPARATOR = "_bar_";

/**
 * @param ids lower-case ids of all entities that occur in some initial fact, each once
 * @returns id → name
 */
export function displayNames(ids: Iterable<string>): Map<string, string> {
  const sorted = [...ids].sort();
  const left = new Map<string, number>();
  for (const id of sorted) left.set(classOf(id), (left.get(classOf(id)) ?? 0) + 1);
  return new Map(
    sorted.map((id) => {
      const name = classOf(id);
      if (!id.includes(SEPARATOR)) return [id, `${id} `];
      const number = left.get(name) as number;
      left.set(name, number - 1);
      return [id, `${name} ${number}`];
    }),
  );
}

/** A basin is told from the sink or bathtub that it belongs to by a word anywhere in its id. */
export function classOf(id: string): string {
  const end = id.indexOf(SEPARATOR);
  if (end < 0) return id;
  return id.slice(0, end) + (id.includes("basin") ? "basin" : "");
}
