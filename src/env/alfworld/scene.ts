/** Rooms that never were: receptacles and fixed things, as many and where the facts say. */
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import { draw, type Facts, type Histogram, type Room } from "./facts.ts";

export interface Receptacle {
  readonly id: string;
  readonly type: string;
  readonly location: string;
  readonly openable: boolean;
}

/** An object; without a receptacle it stands on the floor, at a location or at none that matters. */
export interface Thing {
  readonly id: string;
  readonly type: string;
  readonly receptacle: Receptacle | undefined;
  readonly location: string;
}

export interface Scene {
  readonly room: Room;
  readonly receptacles: readonly Receptacle[];
  readonly fixed: readonly Thing[];
  /** Where the agent starts: nothing is here. */
  readonly start: string;
}

const NEVER: Histogram = new Map([["no", 1]]);

/** The scene of a room by number, always the same one. */
export function drawScene(facts: Facts, room: Room, number: number): Scene {
  const random = randomFrom(seedFor(0, "alfworld-scene", room, number));
  const ids = new Ids(random);
  const receptacles: Receptacle[] = [];
  for (const [type, counts] of facts.receptacles.get(room) ?? []) {
    const count = Number(draw(random, counts));
    for (let i = 0; i < count; i++) {
      const beside = random.uniform() < (facts.shared.get(room) ?? 0);
      // Neighbours are usually of a kind: the drawers of one dresser.
      const neighbour = receptacles.at(-1);
      const location = beside && neighbour?.type === type ? neighbour.location : ids.location();
      const openable = draw(random, facts.openable.get(room)?.get(type) ?? NEVER) === "yes";
      receptacles.push({ id: ids.of(type), type, location, openable });
    }
  }
  const fixed: Thing[] = [];
  for (const [type, counts] of facts.fixed.get(room) ?? []) {
    const count = Number(draw(random, counts));
    for (let i = 0; i < count; i++) fixed.push(drawThing(facts, random, ids, type, receptacles));
  }
  return { room, receptacles, fixed, start: ids.location() };
}

/** A thing of a type in one of these receptacles, or on the floor, as its kind is found. */
export function drawThing(
  facts: Facts,
  random: Random,
  ids: Ids,
  type: string,
  receptacles: readonly Receptacle[],
): Thing {
  const places = new Map(
    [...(facts.places.get(type) ?? [])].filter(
      ([place]) => place === "-" || receptacles.some((one) => one.type === place),
    ),
  );
  const place = draw(random, places);
  const [receptacle] = random.sample(
    receptacles.filter((one) => one.type === place),
    1,
  );
  return { id: ids.of(type), type, receptacle, location: receptacle?.location ?? ids.location() };
}

/** Draws names of the form the release has, each once. */
export class Ids {
  readonly #random: Random;
  readonly #used: Set<string>;

  constructor(random: Random, used: Iterable<string> = []) {
    this.#random = random;
    this.#used = new Set(used);
  }

  of(type: string): string {
    const basin = /^(sink|bathtub)basin$/.exec(type.toLowerCase())?.[1];
    return this.#fresh(() => {
      const place = [this.#coordinate(3), this.#coordinate(2), this.#coordinate(3)].join("_bar_");
      const name = basin ?? type.toLowerCase();
      return `${name}_bar_${place}${basin === undefined ? "" : `_bar_${basin}basin`}`;
    });
  }

  location(): string {
    return this.#fresh(() => {
      const [x, z] = [this.#whole(12), this.#whole(12)];
      return `loc_bar_${x}_bar_${z}_bar_${this.#random.integer(4)}_bar_${15 * this.#random.integer(5)}`;
    });
  }

  #coordinate(limit: number): string {
    const value = (this.#random.uniform() * 2 - 1) * limit;
    const [whole = "", cents = ""] = Math.abs(value).toFixed(2).split(".");
    return `_${value < 0 ? "minus" : "plus"}_${whole.padStart(2, "0")}_dot_${cents}`;
  }

  #whole(limit: number): string {
    const value = this.#random.integer(2 * limit + 1) - limit;
    return value < 0 ? `_minus_${-value}` : `${value}`;
  }

  #fresh(draw: () => string): string {
    for (;;) {
      const id = draw();
      if (this.#used.has(id)) continue;
      this.#used.add(id);
      return id;
    }
  }
}
