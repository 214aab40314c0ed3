/** What actions do to a state. */

import { exclude, include, includes } from "./bits.ts";
import type { Command } from "./commands.ts";
import type { House } from "./house.ts";
import { HELD, LOCATION } from "./layout.ts";

/** Carries out an applicable command. @returns false when nothing that can change was touched */
export function apply(house: House, state: Uint32Array, command: Command): boolean {
  const { object, other } = command;
  const { setWords, conditionAt } = house;
  switch (command.action) {
    case "GotoLocation":
      state[LOCATION] = house.locationOf[other]!;
      return true;
    case "OpenObject":
      include(state, house.openedAt, other);
      return true;
    case "CloseObject":
      exclude(state, house.openedAt, other);
      return true;
    case "PickupObject":
      exclude(state, house.insideAt + other * setWords, object);
      include(state, house.takenAt + other * setWords, object);
      exclude(state, house.lyingAt + state[LOCATION]! * setWords, object);
      state[HELD] = object + 1;
      return true;
    case "PutObject":
      include(state, house.insideAt + other * setWords, object);
      exclude(state, house.takenAt + other * setWords, object);
      include(state, house.lyingAt + state[LOCATION]! * setWords, object);
      state[HELD] = 0;
      return true;
    case "CleanObject":
      include(state, conditionAt.isclean, object);
      return true;
    case "HeatObject":
      include(state, conditionAt.ishot, object);
      exclude(state, conditionAt.iscool, object);
      return true;
    case "CoolObject":
      include(state, conditionAt.iscool, object);
      exclude(state, conditionAt.ishot, object);
      return true;
    case "ToggleObject":
      if (includes(state, conditionAt.ison, object)) exclude(state, conditionAt.ison, object);
      else include(state, conditionAt.ison, object);
      // Toggled once, toggled for good; only the light itself goes on and off.
      include(state, conditionAt.istoggled, object);
      return true;
    case "SliceObject":
      include(state, conditionAt.issliced, object);
      return true;
    default:
      return false;
  }
}
