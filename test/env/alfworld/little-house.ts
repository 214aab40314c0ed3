import { AlfworldEpisode } from "../../../src/env/alfworld/env.ts";
import { GameMaker } from "../../../src/env/alfworld/game.ts";
import { readProblem } from "../../../src/env/alfworld/problem.ts";

/**
 * A house of our own in PDDL. The shelf and the drawer share the countertop's location; the cabinet is an
 * open surface; one bathtub is a sink basin by its facts. Ids end in a letter so that order is plain to see.
 */
export const LITTLE_HOUSE = `
(define (problem little) ; a comment with ( parentheses
(:domain alfred)
(:objects agent1 - agent
  Mug - object AppleType BreadType MugType KnifeType PenType ClothType DeskLampType SinkType - otype
  FridgeType MicrowaveType SinkBasinType CounterTopType ShelfType DrawerType CabinetType - rtype
  fridge_bar_a microwave_bar_a Sink_bar_a_bar_SinkBasin Bathtub_bar_a_bar_SinkBasin - receptacle
  countertop_bar_a shelf_bar_a drawer_bar_a cabinet_bar_a - receptacle
  apple_bar_a apple_bar_b apple_bar_c bread_bar_a mug_bar_a mug_bar_b knife_bar_a pen_bar_a - object
  cloth_bar_a desklamp_bar_a sink_bar_a - object
  loc_bar_0 loc_bar_1 loc_bar_2 loc_bar_3 loc_bar_4 loc_bar_5 loc_bar_6 - location)
(:init
  (= (total-cost) 0)
  (atLocation agent1 loc_bar_0)
  (receptacleType fridge_bar_a FridgeType) (receptacleAtLocation fridge_bar_a loc_bar_1)
  (receptacleType microwave_bar_a MicrowaveType) (receptacleAtLocation microwave_bar_a loc_bar_2)
  (receptacleType Sink_bar_a_bar_SinkBasin SinkBasinType)
  (receptacleAtLocation Sink_bar_a_bar_SinkBasin loc_bar_3)
  (receptacleType Bathtub_bar_a_bar_SinkBasin SinkBasinType)
  (receptacleAtLocation Bathtub_bar_a_bar_SinkBasin loc_bar_4)
  (receptacleType countertop_bar_a CounterTopType) (receptacleAtLocation countertop_bar_a loc_bar_5)
  (receptacleType shelf_bar_a ShelfType) (receptacleAtLocation shelf_bar_a loc_bar_5)
  (receptacleType drawer_bar_a DrawerType) (receptacleAtLocation drawer_bar_a loc_bar_5)
  (receptacleType cabinet_bar_a CabinetType) (receptacleAtLocation cabinet_bar_a loc_bar_6)
  (openable fridge_bar_a) (openable microwave_bar_a) (openable drawer_bar_a)
  (objectType apple_bar_a AppleType) (objectType apple_bar_b AppleType) (objectType apple_bar_c AppleType)
  (objectType bread_bar_a BreadType) (objectType mug_bar_a MugType) (objectType mug_bar_b MugType)
  (objectType knife_bar_a KnifeType) (objectType pen_bar_a PenType) (objectType cloth_bar_a ClothType)
  (objectType desklamp_bar_a DeskLampType) (objectType sink_bar_a SinkType)
  (pickupable apple_bar_a) (pickupable apple_bar_b) (pickupable apple_bar_c) (pickupable bread_bar_a)
  (pickupable mug_bar_a) (pickupable mug_bar_b) (pickupable knife_bar_a) (pickupable pen_bar_a)
  (pickupable cloth_bar_a)
  (sliceable apple_bar_a) (sliceable apple_bar_b) (sliceable apple_bar_c) (sliceable bread_bar_a)
  (cleanable apple_bar_a) (heatable apple_bar_a) (coolable apple_bar_a)
  (cleanable apple_bar_b) (heatable apple_bar_b) (coolable apple_bar_b)
  (cleanable mug_bar_a) (heatable mug_bar_a) (coolable mug_bar_a) (cleanable cloth_bar_a)
  (isReceptacleObject mug_bar_a) (isReceptacleObject mug_bar_b) (toggleable desklamp_bar_a)
  (inReceptacleObject pen_bar_a mug_bar_a)
  (inReceptacle apple_bar_a countertop_bar_a) (objectAtLocation apple_bar_a loc_bar_5)
  (inReceptacle apple_bar_b drawer_bar_a) (objectAtLocation apple_bar_b loc_bar_5)
  (inReceptacle apple_bar_c fridge_bar_a) (objectAtLocation apple_bar_c loc_bar_1)
  (inReceptacle bread_bar_a countertop_bar_a) (objectAtLocation bread_bar_a loc_bar_5)
  (inReceptacle mug_bar_a countertop_bar_a) (objectAtLocation mug_bar_a loc_bar_5)
  (inReceptacle pen_bar_a countertop_bar_a) (objectAtLocation pen_bar_a loc_bar_5)
  (inReceptacle mug_bar_b shelf_bar_a) (objectAtLocation mug_bar_b loc_bar_5)
  (inReceptacle knife_bar_a shelf_bar_a) (objectAtLocation knife_bar_a loc_bar_5)
  (inReceptacle cloth_bar_a sink_bar_a) (inReceptacle cloth_bar_a cabinet_bar_a)
  (objectAtLocation cloth_bar_a loc_bar_6)
  (inReceptacle desklamp_bar_a drawer_bar_a) (objectAtLocation desklamp_bar_a loc_bar_5)
  (canContain CounterTopType AppleType) (canContain CounterTopType BreadType)
  (canContain CounterTopType MugType) (canContain CounterTopType KnifeType)
  (canContain ShelfType MugType) (canContain ShelfType AppleType) (canContain FridgeType AppleType)
  (canContain MicrowaveType AppleType) (canContain SinkBasinType AppleType)
  (canContain SinkBasinType ClothType) (canContain DrawerType KnifeType))
(:goal GOAL)
))) ; surplus
`;

export const GOALS = {
  Pick: `(and (exists (?r - receptacle) (exists (?o - object) (and (inReceptacle ?o ?r)
    (objectType ?o AppleType) (receptacleType ?r ShelfType)))))`,
  Heat: `(and (exists (?r - receptacle) (exists (?o - object) (and (heatable ?o) (objectType ?o AppleType)
    (receptacleType ?r FridgeType) (isHot ?o) (inReceptacle ?o ?r)))))`,
  Pick2: `(and (exists (?r - receptacle) (exists (?o1 - object) (and (objectType ?o1 AppleType)
    (receptacleType ?r SinkBasinType) (inReceptacle ?o1 ?r) (exists (?o2 - object) (and (not (= ?o1 ?o2))
    (objectType ?o2 AppleType) (receptacleType ?r SinkBasinType) (inReceptacle ?o2 ?r)))))))`,
  Look: `(and (exists (?ot - object ?r - receptacle ?a - agent ?l - location) (and
    (objectType ?ot DeskLampType) (toggleable ?ot) (isToggled ?ot) (receptacleAtLocation ?r ?l)
    (atLocation ?a ?l) (inReceptacle ?ot ?r)))
    (exists (?o - object ?a - agent) (and (objectType ?o MugType) (holds ?a ?o))))`,
} as const;

const maker = new GameMaker();

/** An episode in the little house. */
export function enter(goal: string = GOALS.Heat, maxTurns = 1000): AlfworldEpisode {
  const problem = readProblem(LITTLE_HOUSE.replace("GOAL", goal), "little-house.pddl");
  const game = maker.fromProblem(problem, "do it");
  return new AlfworldEpisode({
    ...{ task: "little", game, sentence: game.task, reward: 1, maxTurns },
  });
}

/** What the game answers to each command, in order. */
export function answers(episode: AlfworldEpisode, ...commands: string[]): string[] {
  return commands.map((command) => episode.step(command).observation);
}

/** The last answer. */
export function after(episode: AlfworldEpisode, ...commands: string[]): string {
  return answers(episode, ...commands).at(-1) as string;
}
