/**
 * Fresh games: a scene, the things in it, and a task that can be done there by construction: what is to be
 * moved lies in a receptacle, may be put into the target, and is not there yet; the appliance or lamp it
 * needs is in the room.
 */
import { invariant } from "../../core/errors.ts";
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import { draw, type Facts, type Room } from "./facts.ts";
import type { Fact, Problem } from "./problem.ts";
import { KINDS, type Kind, type Quest } from "./quest.ts";
import { readExpression } from "./s-expression.ts";
import { drawScene, drawThing, Ids, type Receptacle, type Scene, type Thing } from "./scene.ts";

/** What a kind of task needs of its object and of the room. */
const NEEDS: Readonly<Partial<Record<Kind, { trait: string; appliance: string; done: string }>>> = {
  Clean: { trait: "cleanable", appliance: "SinkBasin", done: "isclean" },
  Heat: { trait: "heatable", appliance: "Microwave", done: "ishot" },
  Cool: { trait: "coolable", appliance: "Fridge", done: "iscool" },
};
const LAMP = "DeskLamp";

export interface Household {
  readonly problem: Problem;
  readonly quest: Quest;
}

/** The game of a task `<room>-<scene>/<kind>/<number>`; the same parts give the same game. */
export function drawHousehold(
  facts: Facts,
  room: Room,
  number: number,
  kind: Kind,
  game: number,
): Household {
  const scene = drawScene(facts, room, number);
  const random = randomFrom(seedFor(0, "alfworld-game", room, number, kind, game));
  const ids = new Ids(
    random,
    [...scene.receptacles, ...scene.fixed].flatMap(({ id, location }) => [id, location]),
  );
  const { object, target } = drawQuest(facts, random, scene, kind);
  const things = [...scene.fixed];
  for (const [type, counts] of facts.objects.get(room) ?? []) {
    let count = Number(draw(random, counts));
    if (type !== object) {
      for (; count > 0; count--)
        things.push(drawThing(facts, random, ids, type, scene.receptacles));
      continue;
    }
    // What is wanted is at hand, often enough, and not where it should go.
    const elsewhere = startingPlaces(facts, scene, object, target);
    count = Math.max(count, kind === "Pick2" ? 2 : 1);
    for (; count > 0; count--) {
      const thing = drawThing(facts, random, ids, type, elsewhere);
      const [some] = random.sample(elsewhere, 1);
      const receptacle = thing.receptacle ?? (some as Receptacle);
      things.push({ ...thing, receptacle, location: receptacle.location });
    }
  }
  if (kind === "Look" && !things.some(({ type, receptacle }) => type === LAMP && receptacle)) {
    const lamp = drawThing(facts, random, ids, LAMP, scene.receptacles);
    const receptacle = lamp.receptacle ?? (scene.receptacles.find(isSurface) as Receptacle);
    things.push({ ...lamp, receptacle, location: receptacle.location });
  }
  const quest = { kind, object: object.toLowerCase(), target: target.toLowerCase() };
  return { problem: problemOf(facts, scene, things, quest), quest };
}

function isSurface({ openable }: Receptacle): boolean {
  return !openable;
}

/** Receptacles of a scene in which an object of the type is found, those of the target's type aside. */
function startingPlaces(
  facts: Facts,
  { receptacles }: Scene,
  object: string,
  target: string,
): Receptacle[] {
  const places = facts.places.get(object);
  return receptacles.filter(({ type }) => type !== target && places?.has(type));
}

function drawQuest(
  facts: Facts,
  random: Random,
  scene: Scene,
  kind: Kind,
): { object: string; target: string } {
  const needs = NEEDS[kind];
  const present = new Set(scene.receptacles.map(({ type }) => type));
  invariant(needs === undefined || present.has(needs.appliance), `nothing to ${kind} with`);
  const choices = [...(facts.objects.get(scene.room)?.keys() ?? [])].flatMap((object) => {
    if (needs !== undefined && !facts.traits.get(object)?.includes(needs.trait)) return [];
    const targets =
      kind === "Look"
        ? [LAMP]
        : [...present].filter(
            (type) => type !== needs?.appliance && facts.contains.get(type)?.includes(object),
          );
    const possible = targets.filter((target) => {
      return startingPlaces(facts, scene, object, target).length > 0;
    });
    return possible.length > 0 ? [{ object, targets: possible }] : [];
  });
  const [chosen] = random.sample(choices, 1);
  const [target] = random.sample(chosen?.targets ?? [], 1);
  invariant(chosen !== undefined && target !== undefined, `no ${kind} task in this scene`);
  return { object: chosen.object, target };
}

function problemOf(
  facts: Facts,
  { receptacles, start }: Scene,
  things: readonly Thing[],
  quest: Quest,
): Problem {
  const types = new Map<string, string>([["agent1", "agent"]]);
  const found: Fact[] = [["atlocation", "agent1", start]];
  const symbol = (type: string, sort: "rtype" | "otype") => {
    const name = `${type.toLowerCase()}type`;
    types.set(name, sort);
    return name;
  };
  types.set(start, "location");
  for (const { id, type, location, openable } of receptacles) {
    types.set(id, "receptacle").set(location, "location");
    found.push(["receptacletype", id, symbol(type, "rtype")]);
    found.push(["receptacleatlocation", id, location]);
    if (openable) found.push(["openable", id]);
  }
  const present = new Set(things.map(({ type }) => type));
  for (const type of new Set(receptacles.map((receptacle) => receptacle.type))) {
    for (const object of facts.contains.get(type) ?? []) {
      if (!present.has(object)) continue;
      found.push(["cancontain", symbol(type, "rtype"), symbol(object, "otype")]);
    }
  }
  for (const { id, type, receptacle, location } of things) {
    types.set(id, "object").set(location, "location");
    found.push(["objecttype", id, symbol(type, "otype")], ["objectatlocation", id, location]);
    for (const trait of facts.traits.get(type) ?? []) found.push([trait, id]);
    if (receptacle === undefined) continue;
    found.push(["inreceptacle", id, receptacle.id]);
    const cold = quest.kind === "Cool" && type.toLowerCase() === quest.object;
    if (cold && receptacle.type === "Fridge") found.push(["iscool", id]);
  }
  const goal = readExpression(goalText(quest), "generated goal");
  return { types, facts: found, goal, where: "generated household" };
}

/** The goal as the release's problems write it. */
function goalText({ kind, object, target }: Quest): string {
  const isObject = (variable: string) => `(objecttype ${variable} ${object}type)`;
  const there = (variable: string) =>
    `${isObject(variable)} (receptacletype ?r ${target}type) (inreceptacle ${variable} ?r)`;
  if (kind === "Look") {
    return (
      `(and (exists (?ot - object ?r - receptacle ?a - agent ?l - location) (and ` +
      `(objecttype ?ot ${target}type) (toggleable ?ot) (istoggled ?ot) ` +
      `(receptacleatlocation ?r ?l) (atlocation ?a ?l) (inreceptacle ?ot ?r))) ` +
      `(exists (?o - object ?a - agent) (and ${isObject("?o")} (holds ?a ?o))))`
    );
  }
  if (kind === "Pick2") {
    return (
      `(and (exists (?r - receptacle) (exists (?o1 - object) (and ${there("?o1")} ` +
      `(exists (?o2 - object) (and (not (= ?o1 ?o2)) ${there("?o2")}))))))`
    );
  }
  const needs = NEEDS[kind];
  const state = needs === undefined ? "" : `(${needs.trait} ?o) (${needs.done} ?o)`;
  return `(and (exists (?r - receptacle) (exists (?o - object) (and ${there("?o")} ${state}))))`;
}

/** "heat" → "Heat", as task ids write kinds. */
export function kindNamed(word: string): Kind | undefined {
  return KINDS.find((kind) => kind.toLowerCase() === word);
}
