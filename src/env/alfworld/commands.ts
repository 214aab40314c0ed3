/**
 * What can be done in a state: the commands of all applicable actions, sorted as plain strings. They come
 * out sorted because verbs are taken in alphabetical order and names carry their rank; nothing is compared.
 * Commands are made once a house and then shared.
 */

import { UserError } from "../../core/errors.ts";
import { includes, lowest, members } from "./bits.ts";
import type { Grammar } from "./grammar.ts";
import type { House } from "./house.ts";
import { HELD, LOCATION } from "./layout.ts";

export type Action =
  | ("look" | "inventory" | "help" | "examineReceptacle" | "examineObject" | "GotoLocation")
  | ("OpenObject" | "CloseObject" | "PickupObject" | "PutObject" | "ToggleObject")
  | ("HeatObject" | "CleanObject" | "CoolObject" | "SliceObject");

type Treatment = "CleanObject" | "CoolObject" | "HeatObject";

export interface Command {
  readonly text: string;
  readonly action: Action;
  /** The object, or the one that is cut; -1 for none. */
  readonly object: number;
  /** The receptacle, or the object that cuts; -1 for none. */
  readonly other: number;
}

/** The two releases of the data say "put" in their own way. */
export type PutWords = "move {o} to {r}" | "put {o} in/on {r}";

/** Templates that commands may have; a second one is another release's. */
const TEMPLATES: Readonly<Record<Action, readonly string[]>> = {
  look: ["look"],
  inventory: ["inventory"],
  help: ["help"],
  GotoLocation: [
    "go to {r}",
    "go to [{r.name | receptacleatlocation(r:receptacle, lend:location)}]",
  ],
  OpenObject: ["open {r}"],
  CloseObject: ["close {r}"],
  PickupObject: ["take {o} from {r}"],
  PutObject: ["move {o} to {r}", "put {o} in/on {r}"],
  examineReceptacle: ["examine {r}"],
  examineObject: ["examine {o}"],
  ToggleObject: ["use {o}"],
  HeatObject: ["heat {o} with {r}"],
  CleanObject: ["clean {o} with {r}"],
  CoolObject: ["cool {o} with {r}"],
  SliceObject: ["slice {co} with {ko}"],
};

export const ACTIONS = Object.keys(TEMPLATES) as readonly Action[];

/** How a grammar says "put". @throws UserError for templates that are none of the known ones */
export function putWords(grammar: Grammar, where: string): PutWords {
  for (const action of ACTIONS) {
    const template = grammar.actions.get(action)?.template;
    const known = TEMPLATES[action];
    if (template !== undefined && known.includes(template)) continue;
    if (template === undefined && action === "help") continue;
    const allowed = known.map((one) => `"${one}"`).join(" or ");
    const line = grammar.lines?.get(`action ${action}`);
    throw new UserError(
      `${where}${line === undefined ? "" : `:${line}`}: action ${action}: found template "${template ?? ""}", allowed: ${allowed}`,
    );
  }
  return grammar.actions.get("PutObject")?.template as PutWords;
}

const LOOK = single("look");
const INVENTORY = single("inventory");
const HELP = single("help");

function single(action: "look" | "inventory" | "help"): Command {
  return { text: action, action, object: -1, other: -1 };
}

export class Commands {
  readonly #house: House;
  readonly #put: PutWords;
  /** By action, then receptacle + 1, then object + 1. */
  readonly #made = new Map<Action, ((Command | undefined)[] | undefined)[]>();
  /** By location: every `go to` from there. */
  readonly #goTo: (readonly Command[] | undefined)[] = [];
  /** By location: its receptacles as names are sorted. */
  readonly #here: readonly (readonly number[])[];

  constructor(house: House, put: PutWords) {
    this.#house = house;
    this.#put = put;
    this.#here = house.receptaclesAt.map((some) => this.#byName(some));
  }

  /** All applicable commands, in order. */
  in(state: Uint32Array): Command[] {
    const house = this.#house;
    const { rules, traits, objectRank, receptacleRank } = house;
    const location = state[LOCATION]!;
    const held = state[HELD]! - 1;
    const here = this.#here[location] as readonly number[];
    const holds = (trait: string) => held >= 0 && includes(traits[trait]!, 0, held);
    const found: Command[] = [];
    const treat = (action: Treatment, appliances: readonly string[]) => {
      for (const r of here) {
        if (appliances.includes(house.receptacleTypes[r]!)) found.push(this.of(action, held, r));
      }
    };
    const isOpen = (r: number) => includes(state, house.openedAt, r);

    if (holds("cleanable")) treat("CleanObject", rules.cleaning);
    for (const r of here) {
      if (house.openable[r] && isOpen(r)) found.push(this.of("CloseObject", -1, r));
    }
    if (holds("coolable")) treat("CoolObject", rules.cooling);
    let examined = held < 0;
    for (const r of here) {
      if (!examined && objectRank[held]! < receptacleRank[r]!) {
        found.push(this.of("examineObject", held, -1));
        examined = true;
      }
      found.push(this.of("examineReceptacle", -1, r));
    }
    if (!examined) found.push(this.of("examineObject", held, -1));
    for (const command of this.#from(location)) found.push(command);
    if (holds("heatable")) treat("HeatObject", rules.heating);
    if (rules.help) found.push(HELP);
    found.push(INVENTORY, LOOK);
    const accessible = here.filter((r) => !house.openable[r] || isOpen(r));
    if (held >= 0) {
      // "move" sorts before "open", "put" after it; either way the verb stands alone in its place.
      if (this.#put.startsWith("move")) this.#puts(held, accessible, found);
    }
    for (const r of here) {
      if (house.openable[r] && !isOpen(r)) found.push(this.of("OpenObject", -1, r));
    }
    if (held >= 0) {
      if (this.#put.startsWith("put")) this.#puts(held, accessible, found);
      if (rules.cutting.includes(house.objectTypes[held]!)) {
        const lying = members(state, house.lyingAt + location * house.setWords, house.setWords);
        const cut = lying.filter((o) => includes(traits.sliceable!, 0, o));
        cut.sort((a, b) => objectRank[a]! - objectRank[b]!);
        for (const o of cut) found.push(this.of("SliceObject", o, held));
      }
    } else this.#takes(state, accessible, found);
    this.#uses(state, here, found);
    return found;
  }

  #puts(held: number, accessible: readonly number[], found: Command[]): void {
    const { canContain, setWords } = this.#house;
    for (const r of accessible) {
      if (includes(canContain, r * setWords, held)) found.push(this.of("PutObject", held, r));
    }
  }

  #takes(state: Uint32Array, accessible: readonly number[], found: Command[]): void {
    const { insideAt, setWords, traits, objectRank } = this.#house;
    const pickupable = traits.pickupable!;
    const first = found.length;
    for (const r of accessible) {
      for (let i = 0; i < setWords; i++) {
        let rest = state[insideAt + r * setWords + i]! & pickupable[i]!;
        for (; rest !== 0; rest &= rest - 1) {
          const o = 32 * i + lowest(rest);
          const command = this.of("PickupObject", o, r);
          // Few and nearly sorted: each goes to its place from behind.
          let place = found.length;
          while (place > first && objectRank[found[place - 1]!.object]! > objectRank[o]!) {
            found[place] = found[place - 1]!;
            place--;
          }
          found[place] = command;
        }
      }
    }
  }

  #uses(state: Uint32Array, here: readonly number[], found: Command[]): void {
    const { insideAt, setWords, traits, objectRank } = this.#house;
    const lamps = new Set<number>();
    for (const r of here) {
      for (let i = 0; i < setWords; i++) {
        let rest = state[insideAt + r * setWords + i]! & traits.toggleable![i]!;
        for (; rest !== 0; rest &= rest - 1) lamps.add(32 * i + lowest(rest));
      }
    }
    if (lamps.size === 0) return;
    const sorted = [...lamps].sort((a, b) => objectRank[a]! - objectRank[b]!);
    for (const o of sorted) found.push(this.of("ToggleObject", o, -1));
  }

  #from(location: number): readonly Command[] {
    const known = this.#goTo[location];
    if (known !== undefined) return known;
    const { receptacles, locationOf } = this.#house;
    const elsewhere = receptacles.map((_, r) => r).filter((r) => locationOf[r] !== location);
    const made = this.#byName(elsewhere).map((r) => this.of("GotoLocation", -1, r));
    this.#goTo[location] = made;
    return made;
  }

  #byName(receptacles: readonly number[]): number[] {
    const rank = this.#house.receptacleRank;
    return [...receptacles].sort((a, b) => rank[a]! - rank[b]!);
  }

  /** The command of an action, applicable or not; -1 where there is no object or no other. */
  of(action: Action, object: number, other: number): Command {
    let rows = this.#made.get(action);
    if (rows === undefined) {
      rows = [];
      this.#made.set(action, rows);
    }
    let row = rows[other + 1];
    if (row === undefined) {
      while (rows.length <= other + 1) rows.push(undefined);
      row = [];
      rows[other + 1] = row;
    }
    while (row.length <= object + 1) row.push(undefined);
    let made = row[object + 1];
    if (made === undefined) {
      made = this.#make(action, object, other);
      row[object + 1] = made;
    }
    return made;
  }

  #make(action: Action, object: number, other: number): Command {
    const { objects, receptacles } = this.#house;
    const second = action === "SliceObject" ? objects[other] : receptacles[other];
    const template = action === "PutObject" ? this.#put : TEMPLATES[action][0];
    const text = (template as string)
      .replace(/\{c?o\}/, objects[object] ?? "")
      .replace(/\{(r|ko)\}/, second ?? "");
    return { text, action, object, other };
  }
}
