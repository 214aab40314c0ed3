/**
 * The expert plays as a person does who knows households: it looks where things of the kind are usually
 * found, remembers what it saw, fetches, treats and delivers. It has luck, too: after `PATIENCE` places
 * without what it seeks it goes where the thing is. So its way can be learnt from the text, and is short.
 */

import { includes } from "./bits.ts";
import type { Action, Commands } from "./commands.ts";
import { facts } from "./facts.ts";
import type { Game } from "./game.ts";
import { isFulfilled } from "./goal.ts";
import type { House } from "./house.ts";
import { HELD, LOCATION } from "./layout.ts";
import type { Quest } from "./quest.ts";

/** What an expert looks at. */
export interface Position {
  readonly game: Game;
  readonly state: Uint32Array;
  /** The set of receptacles whose contents have been shown. */
  readonly seen: Uint32Array;
}

/** Places looked at in vain before luck helps. */
const PATIENCE = 15;

/** What the object must become, by which command, where; none for the other kinds. */
const TREATMENTS = {
  Clean: { action: "CleanObject", done: "isclean", trait: "cleanable", at: "cleaning" },
  Heat: { action: "HeatObject", done: "ishot", trait: "heatable", at: "heating" },
  Cool: { action: "CoolObject", done: "iscool", trait: "coolable", at: "cooling" },
} as const;

/** The next command; `quest` is the game's. */
export function nextCommand({ game, state, seen }: Position, quest: Quest): string {
  const turn = new Turn(game, state, seen);
  if (isFulfilled(game.goal, state)) return "look";
  return quest.kind === "Look" ? turn.light(quest) : turn.deliver(quest);
}

class Turn {
  readonly #house: House;
  readonly #commands: Commands;
  readonly #state: Uint32Array;
  readonly #seen: Uint32Array;
  readonly #here: number;
  readonly #held: number;

  constructor({ house, commands }: Game, state: Uint32Array, seen: Uint32Array) {
    this.#house = house;
    this.#commands = commands;
    this.#state = state;
    this.#seen = seen;
    this.#here = state[LOCATION]!;
    this.#held = state[HELD]! - 1;
  }

  light({ object, target }: Quest): string {
    const { objectTypes } = this.#house;
    if (this.#held >= 0 && objectTypes[this.#held] !== object) return this.putDown();
    if (this.#held < 0) return this.#fetch(this.#ofType(object));
    const lamps = this.#ofType(target).filter((o) => this.#has("toggleable", o));
    const place = this.#placeOf(lamps);
    if (place === undefined) return this.#explore(lamps, target);
    return this.#isHere(place.r) ? this.#say("ToggleObject", place.o) : this.#goTo(place.r);
  }

  deliver({ kind, object, target }: Quest): string {
    const { receptacles, receptacleTypes, objectTypes, rules, conditionAt } = this.#house;
    const held = this.#held;
    const treatment = kind in TREATMENTS ? TREATMENTS[kind as keyof typeof TREATMENTS] : undefined;
    const wanted = this.#ofType(object).filter(
      (o) => treatment === undefined || this.#has(treatment.trait, o),
    );
    const targets = receptacles.map((_, r) => r).filter((r) => receptacleTypes[r] === target);
    if (held >= 0 && objectTypes[held] !== object) return this.putDown();
    if (held < 0) {
      const goal = kind === "Pick2" ? this.#fullest(targets, wanted) : -1;
      return this.#fetch(wanted.filter((o) => goal < 0 || !this.#isIn(o, goal)));
    }
    if (treatment && !includes(this.#state, conditionAt[treatment.done], held)) {
      const appliances: readonly string[] = rules[treatment.at];
      const usable = receptacles.map((_, r) => r);
      const r = this.#nearest(usable.filter((one) => appliances.includes(receptacleTypes[one]!)));
      if (!this.#isHere(r)) return this.#goTo(r);
      return this.#say(treatment.action, held, r);
    }
    const able = targets.filter((r) => this.#takes(r, held));
    const r = kind === "Pick2" ? this.#fullest(able, wanted) : this.#nearest(able);
    return this.#put(r);
  }

  /** Gets rid of what is in hand: here, else at an open place, else at any. */
  putDown(): string {
    const { receptacles, openable } = this.#house;
    const able = receptacles.map((_, r) => r).filter((r) => this.#takes(r, this.#held));
    const here = able.filter((r) => this.#isHere(r));
    const open = here.find((r) => this.#isAccessible(r)) ?? able.find((r) => !openable[r]);
    const r = open ?? here[0] ?? able[0];
    return r === undefined ? "look" : this.#put(r);
  }

  #put(r: number): string {
    if (!this.#isHere(r)) return this.#goTo(r);
    if (!this.#isAccessible(r)) return this.#say("OpenObject", -1, r);
    return this.#say("PutObject", this.#held, r);
  }

  /** Takes one of these objects, or comes nearer to it. */
  #fetch(wanted: readonly number[]): string {
    const place = this.#placeOf(wanted);
    if (place === undefined)
      return this.#explore(wanted, this.#house.objectTypes[wanted[0]!] ?? "");
    const { o, r } = place;
    if (!this.#isHere(r)) return this.#goTo(r);
    if (!this.#isAccessible(r)) return this.#say("OpenObject", -1, r);
    return this.#say("PickupObject", o, r);
  }

  /** Where one of these objects was seen: here if possible. After long search, where it is. */
  #placeOf(wanted: readonly number[]): { o: number; r: number } | undefined {
    const places = wanted.flatMap((o) =>
      this.#house.receptacles.flatMap((_, r) => (this.#isIn(o, r) ? [{ o, r }] : [])),
    );
    const known = places.filter(({ r }) => includes(this.#seen, 0, r));
    const nearby = known.find(({ r }) => this.#isHere(r) && this.#isAccessible(r));
    if (known.length > 0) return nearby ?? known.find(({ r }) => this.#isHere(r)) ?? known[0];
    const looked = this.#house.receptacles.filter((_, r) => includes(this.#seen, 0, r)).length;
    return looked >= PATIENCE ? (places.find(({ r }) => this.#isHere(r)) ?? places[0]) : undefined;
  }

  /** Looks into the place that is most worth it: likely to hold the type, and near. */
  #explore(wanted: readonly number[], type: string): string {
    const { receptacleTypes } = this.#house;
    let best = -1;
    let most = -1;
    for (const [r, place] of receptacleTypes.entries()) {
      if (includes(this.#seen, 0, r)) continue;
      const alike = receptacleTypes.filter((other) => other === place).length;
      const possible = wanted.some((o) => this.#takes(r, o)) ? 0.5 : 0.05;
      const turns = (this.#isHere(r) ? 0 : 1) + (this.#isAccessible(r) && !this.#isHere(r) ? 0 : 1);
      const worth = (likelihood(type, place) + possible) / alike / turns;
      if (worth > most) [best, most] = [r, worth];
    }
    if (best < 0) return "look";
    if (!this.#isHere(best)) return this.#goTo(best);
    return this.#say(this.#isAccessible(best) ? "examineReceptacle" : "OpenObject", -1, best);
  }

  #goTo(r: number): string {
    return this.#say("GotoLocation", -1, r);
  }

  #say(action: Action, object: number, other = -1): string {
    return this.#commands.of(action, object, other).text;
  }

  /** The receptacle of these that holds most of the wanted objects, as far as seen; then the nearest. */
  #fullest(some: readonly number[], wanted: readonly number[]): number {
    const count = (r: number) =>
      includes(this.#seen, 0, r) ? wanted.filter((o) => this.#isIn(o, r)).length : 0;
    const most = Math.max(...some.map(count));
    return this.#nearest(some.filter((r) => count(r) === most));
  }

  /** One that is here, else one that is not closed, else the first. */
  #nearest(some: readonly number[]): number {
    const here = some.find((r) => this.#isHere(r));
    return here ?? some.find((r) => this.#isAccessible(r)) ?? some[0] ?? -1;
  }

  #ofType(type: string): number[] {
    const all = this.#house.objectTypes;
    return all.map((_, o) => o).filter((o) => all[o] === type);
  }

  #has(trait: string, o: number): boolean {
    return includes(this.#house.traits[trait]!, 0, o);
  }

  #isIn(o: number, r: number): boolean {
    return includes(this.#state, this.#house.insideAt + r * this.#house.setWords, o);
  }

  #takes(r: number, o: number): boolean {
    return includes(this.#house.canContain, r * this.#house.setWords, o);
  }

  #isHere(r: number): boolean {
    return this.#house.locationOf[r] === this.#here;
  }

  #isAccessible(r: number): boolean {
    return !this.#house.openable[r] || includes(this.#state, this.#house.openedAt, r);
  }
}

let likely: Map<string, Map<string, number>> | undefined;

/** How often objects of a type are found in receptacles of another, in percent. */
function likelihood(object: string, receptacle: string): number {
  likely ??= new Map(
    [...facts().places].map(([type, places]) => {
      const sum = [...places.values()].reduce((a, b) => a + b, 0);
      const shares = [...places].map(([place, count]): [string, number] => [
        place.toLowerCase(),
        (100 * count) / sum,
      ]);
      return [type.toLowerCase(), new Map(shares)];
    }),
  );
  return likely.get(object)?.get(receptacle) ?? 0;
}
