import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Fact, Problem } from "../../../src/env/alfworld/problem.ts";
import { readExpression } from "../../../src/env/alfworld/s-expression.ts";

/** The released games, beside the repository; tests that need them skip without them. */
export const DATA = join(import.meta.dir, "../../../../shared/data/alfworld");
export const HAS_DATA = existsSync(join(DATA, "transcripts.json"));
export const SPLITS = ["valid_seen", "valid_unseen", "valid_train"];

if (!HAS_DATA) console.log(`skipping tests on released ALFWorld games: no ${DATA}`);

export function readShared<T>(name: string): T {
  return JSON.parse(readFileSync(join(DATA, name), "utf8")) as T;
}

export function readZipped(name: string): string {
  return gunzipSync(readFileSync(join(DATA, name))).toString();
}

export interface SceneFacts {
  readonly room: string;
  readonly receptacles: readonly (readonly [string, string, string, boolean])[];
  readonly fixed: readonly (readonly [string, string, string | null, readonly string[]])[];
  readonly canContain: Readonly<Record<string, readonly string[]>>;
}

export interface Scenes {
  readonly scenes: Readonly<Record<string, SceneFacts>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  readonly placement: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly instances: Readonly<Record<string, Readonly<Record<string, Record<string, number>>>>>;
  readonly games_per_room: Readonly<Record<string, number>>;
}

export interface RebuiltGame {
  readonly game: string;
  readonly task_type: string;
  readonly pddl_params: Readonly<Record<string, string>>;
  readonly scene: number;
  readonly agent_loc: string;
  readonly objects: readonly (readonly [string, readonly string[]])[];
  readonly is_cool: readonly string[];
  readonly solvable: boolean;
}

export function rebuiltGames(): RebuiltGame[] {
  const lines = readZipped("train-reconstructed.jsonl.gz").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as RebuiltGame);
}

/** `Cabinet|-00.35|…` as PDDL writes it. */
export function mangled(id: string): string {
  return id
    .replaceAll("|", "_bar_")
    .replaceAll("-", "_minus_")
    .replaceAll("+", "_plus_")
    .replaceAll(".", "_dot_")
    .toLowerCase();
}

const DONE: Readonly<Record<string, readonly [trait: string, done: string]>> = {
  pick_clean_then_place_in_recep: ["cleanable", "isclean"],
  pick_heat_then_place_in_recep: ["heatable", "ishot"],
  pick_cool_then_place_in_recep: ["coolable", "iscool"],
};

/** The problem of a rebuilt train game. */
export function rebuiltProblem(game: RebuiltGame, { scenes, types }: Scenes): Problem {
  const scene = scenes[game.scene] as SceneFacts;
  const sorts = new Map<string, string>([["agent1", "agent"]]);
  const facts: Fact[] = [];
  const say = (...fact: string[]) => facts.push(fact);
  const is = (name: string, sort: string) => {
    sorts.set(name, sort);
    return name;
  };
  say("atlocation", "agent1", is(mangled(game.agent_loc), "location"));
  const locations = new Map<string, string>();
  for (const [id, type, location, openable] of scene.receptacles) {
    const name = is(mangled(id), "receptacle");
    locations.set(id, is(mangled(location), "location"));
    say("receptacletype", name, is(`${type}type`.toLowerCase(), "rtype"));
    say("receptacleatlocation", name, mangled(location));
    if (openable) say("openable", name);
  }
  const fixed = scene.fixed.map(([id, , location, inside]) => ({ id, location, inside }));
  const taken = game.objects.map(([id, inside]) => ({ id, location: null, inside }));
  for (const { id, location, inside } of [...fixed, ...taken]) {
    const type = id.split("|")[0] as string;
    const name = is(mangled(id), "object");
    say("objecttype", name, is(`${type}type`.toLowerCase(), "otype"));
    for (const [trait, has] of Object.entries(types[type] ?? {})) {
      if (has) say(trait.toLowerCase(), name);
    }
    for (const container of inside) {
      if (locations.has(container)) say("inreceptacle", name, mangled(container));
    }
    const place = location === null ? locations.get(inside[0] ?? "") : mangled(location);
    if (place !== undefined) say("objectatlocation", name, is(place, "location"));
    if (game.is_cool.includes(id)) say("iscool", name);
  }
  for (const [type, objects] of Object.entries(scene.canContain)) {
    for (const object of objects) {
      const [r, o] = [`${type}type`.toLowerCase(), `${object}type`.toLowerCase()];
      if (sorts.get(r) === "rtype" && sorts.get(o) === "otype") say("cancontain", r, o);
    }
  }
  return { types: sorts, facts, goal: readExpression(goalOf(game), "goal"), where: game.game };
}

function goalOf({ task_type, pddl_params }: RebuiltGame): string {
  const { object_target = "", parent_target = "", toggle_target = "" } = pddl_params;
  const isObject = (o: string) => `(objecttype ${o} ${object_target}type)`;
  if (task_type === "look_at_obj_in_light") {
    return `(and (exists (?t - object ?r - receptacle ?a - agent ?l - location) (and
      (objecttype ?t ${toggle_target}type) (toggleable ?t) (istoggled ?t)
      (receptacleatlocation ?r ?l) (atlocation ?a ?l) (inreceptacle ?t ?r)))
      (exists (?o - object ?a - agent) (and ${isObject("?o")} (holds ?a ?o))))`;
  }
  const there = (o: string) =>
    `${isObject(o)} (receptacletype ?r ${parent_target}type) (inreceptacle ${o} ?r)`;
  const [trait, done] = DONE[task_type] ?? [];
  const more = trait === undefined ? "" : `(${trait} ?o) (${done} ?o)`;
  const second =
    task_type === "pick_two_obj_and_place"
      ? `(exists (?p - object) (and (not (= ?o ?p)) ${there("?p")}))`
      : "";
  return `(and (exists (?r - receptacle) (exists (?o - object) (and ${there("?o")} ${more} ${second}))))`;
}
