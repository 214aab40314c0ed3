/**
 * What households are like: facts.txt, one fact a line, written by make-facts.ts from the scenes of the
 * release. A histogram "0:3 2:5" says that 0 occurred three times and 2 five times.
 */
import { drawWeighted } from "../../core/draws.ts";
import type { Random } from "../../core/random.ts";
import text from "./facts.txt" with { type: "text" };
import type { Kind } from "./quest.ts";

export const ROOMS = ["kitchen", "livingroom", "bedroom", "bathroom"] as const;
export type Room = (typeof ROOMS)[number];

/** Value → how often. */
export type Histogram = ReadonlyMap<string, number>;

export interface Facts {
  /** Kinds of task by room, as the train split has them. */
  readonly quests: ReadonlyMap<string, ReadonlyMap<Kind, number>>;
  /** Share of receptacles that stand where another one already does, by room. */
  readonly shared: ReadonlyMap<string, number>;
  /** Room → type → number of them in a scene. */
  readonly receptacles: ReadonlyMap<string, ReadonlyMap<string, Histogram>>;
  /** What stands there for good: room → type → number of them in a scene. */
  readonly fixed: ReadonlyMap<string, ReadonlyMap<string, Histogram>>;
  /** What can be taken: room → type → number of them in a game. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, Histogram>>;
  /** Room → type → how many open and close ("yes") and how many do not ("no"). */
  readonly openable: ReadonlyMap<string, ReadonlyMap<string, Histogram>>;
  readonly traits: ReadonlyMap<string, readonly string[]>;
  /** Receptacle type → object types that may be put there. */
  readonly contains: ReadonlyMap<string, readonly string[]>;
  /** Object type → receptacle type → how often it was found there; "-" is nowhere. */
  readonly places: ReadonlyMap<string, Histogram>;
}

let read: Facts | undefined;

export function facts(): Facts {
  read ??= readFacts();
  return read;
}

function readFacts(): Facts {
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));
  const rowsOf = (kind: string) => rows.filter(([first]) => first === kind);
  const byName = (kind: string) =>
    new Map(rowsOf(kind).map(([, name = "", ...rest]) => [name, rest]));
  const byRoom = (kind: string) =>
    new Map(
      ROOMS.map((room) => [
        room as string,
        new Map(
          rowsOf(kind)
            .filter(([, own]) => own === room)
            .map(([, , type = "", ...counts]) => [type, histogram(counts)]),
        ),
      ]),
    );
  const quests = new Map([...byName("quests")].map(([room, row]) => [room, histogram(row)]));
  const shared = [...byName("shared")].map(([room, row]): [string, number] => {
    const counts = histogram(row);
    return [room, (counts.get("locations") ?? 0) / (counts.get("receptacles") ?? 1)];
  });
  const objects = byRoom("object");
  const places = new Map([...byName("place")].map(([type, row]) => [type, histogram(row)]));
  return {
    quests: quests as ReadonlyMap<string, ReadonlyMap<Kind, number>>,
    shared: new Map(shared),
    receptacles: byRoom("receptacle"),
    fixed: byRoom("fixed"),
    objects,
    openable: byRoom("openable"),
    traits: byName("traits"),
    contains: byName("contains"),
    places: withFloor(places, objects),
  };
}

function histogram(counts: readonly string[]): Map<string, number> {
  return new Map(
    counts.map((one) => {
      const [value = "", count] = one.split(":");
      return [value, Number(count)];
    }),
  );
}

/** Copies of a type that were found in no receptacle lay on the floor. */
function withFloor(
  places: ReadonlyMap<string, Histogram>,
  objects: ReadonlyMap<string, ReadonlyMap<string, Histogram>>,
): Map<string, Histogram> {
  const copies = new Map<string, number>();
  for (const room of objects.values()) {
    for (const [type, counts] of room) {
      for (const [n, games] of counts) {
        copies.set(type, (copies.get(type) ?? 0) + Number(n) * games);
      }
    }
  }
  const completed = new Map(places);
  for (const [type, all] of copies) {
    const own = places.get(type) ?? new Map<string, number>();
    const found = [...own.values()].reduce((a, b) => a + b, 0);
    if (all > found) completed.set(type, new Map([...own, ["-", all - found]]));
  }
  return completed;
}

/** A value as often as the histogram says; undefined for an empty one. */
export function draw<T>(random: Random, counts: ReadonlyMap<T, number>): T | undefined {
  return drawWeighted(
    random,
    [...counts].map(([value, count]) => [count, value] as const),
  );
}
