import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { STOCK_GRAMMAR } from "../../../src/env/alfworld/stock-grammar.ts";
import { GOALS, LITTLE_HOUSE } from "./little-house.ts";

/** The rules in PDDL, in an order and with capitals and costs of our own. */
export const DOMAIN = `
(define (domain alfred) ; rules
 (:action look :parameters (?a - agent ?l - location) :precondition (and (atLocation ?a ?l))
   :effect (and (checked ?l)))
 (:action help :parameters (?a - agent) :precondition () :effect (and (checked ?a)))
 (:action inventory :parameters (?a - agent) :precondition () :effect (checked ?a))
 (:action examineReceptacle :parameters (?a - agent ?r - receptacle)
   :precondition (exists (?l - location) (and (receptacleAtLocation ?r ?l) (atLocation ?a ?l)))
   :effect (and (checked ?r)))
 (:action examineObject :parameters (?a - agent ?o - object)
   :precondition (or (holds ?a ?o) (exists (?l - location, ?r - receptacle) (and (atLocation ?a ?l)
     (receptacleAtLocation ?r ?l) (inReceptacle ?o ?r) (or (opened ?r) (not (openable ?r))))))
   :effect (and (checked ?o)))
 (:action GotoLocation :parameters (?a - agent ?lStart - location ?lEnd - location ?r - receptacle)
   :precondition (and (atLocation ?a ?lStart) (receptacleAtLocation ?r ?lEnd))
   :effect (and (not (atLocation ?a ?lStart)) (atLocation ?a ?lEnd) (increase (total-cost) 1)))
 (:action OpenObject :parameters (?a - agent ?l - location ?r - receptacle)
   :precondition (and (openable ?r) (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (not (opened ?r)))
   :effect (and (opened ?r) (checked ?r) (increase (total-cost) 1)))
 (:action CloseObject :parameters (?a - agent ?l - location ?r - receptacle)
   :precondition (and (openable ?r) (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (opened ?r))
   :effect (and (not (opened ?r))))
 (:action PickupObject :parameters (?a - agent ?l - location ?o - object ?r - receptacle)
   :precondition (and (pickupable ?o) (atLocation ?a ?l) (receptacleAtLocation ?r ?l)
     (inReceptacle ?o ?r) (not (holdsAny ?a)) (or (not (openable ?r)) (opened ?r)))
   :effect (and (not (inReceptacle ?o ?r)) (holds ?a ?o) (holdsAny ?a) (not (objectAtLocation ?o ?l))))
 (:action PutObject
   :parameters (?a - agent ?l - location ?o - object ?r - receptacle ?ot - otype ?rt - rtype)
   :precondition (and (holds ?a ?o) (atLocation ?a ?l) (receptacleAtLocation ?r ?l)
     (or (not (openable ?r)) (opened ?r)) (objectType ?o ?ot) (receptacleType ?r ?rt) (canContain ?rt ?ot))
   :effect (and (inReceptacle ?o ?r) (objectAtLocation ?o ?l) (not (holds ?a ?o)) (not (holdsAny ?a))))
 (:action CleanObject :parameters (?a - agent ?l - location ?r - receptacle ?o - object)
   :precondition (and (cleanable ?o) (or (receptacleType ?r SinkBasinType)) (atLocation ?a ?l)
     (receptacleAtLocation ?r ?l) (holds ?a ?o))
   :effect (and (increase (total-cost) 5) (isClean ?o)))
 (:action HeatObject :parameters (?a - agent ?l - location ?r - receptacle ?o - object)
   :precondition (and (heatable ?o) (or (receptacleType ?r MicrowaveType))
     (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (holds ?a ?o))
   :effect (and (isHot ?o) (not (isCool ?o))))
 (:action CoolObject :parameters (?a - agent ?l - location ?r - receptacle ?o - object)
   :precondition (and (coolable ?o) (or (receptacleType ?r FridgeType)) (atLocation ?a ?l)
     (receptacleAtLocation ?r ?l) (holds ?a ?o))
   :effect (and (isCool ?o) (not (isHot ?o))))
 (:action ToggleObject :parameters (?a - agent ?l - location ?o - object ?r - receptacle)
   :precondition (and (toggleable ?o) (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (inReceptacle ?o ?r))
   :effect (and (when (isOn ?o) (not (isOn ?o))) (when (not (isOn ?o)) (isOn ?o)) (isToggled ?o)))
 (:action SliceObject :parameters (?a - agent ?l - location ?co - object ?ko - object)
   :precondition (and (sliceable ?co) (or (objectType ?ko KnifeType) (objectType ?ko ButterKnifeType))
     (atLocation ?a ?l) (objectAtLocation ?co ?l) (holds ?a ?ko))
   :effect (and (isSliced ?co)))
)`;

/** The stock texts in a grammar file's form; the sentence ends in a full stop. */
export function grammarText(task = "Your task is to: do it."): string {
  const rules = {
    ...Object.fromEntries(
      [...STOCK_GRAMMAR.rules].map(([name, alternatives]) => [
        name,
        alternatives.map(({ condition, text }) => ({ ...(condition && { condition }), rhs: text })),
      ]),
    ),
    task: [{ rhs: task }],
  };
  const actions = [...STOCK_GRAMMAR.actions].map(
    ([name, { template, feedback }]) =>
      `action ${name} {\n  template :: "${template}";\n  feedback :: "${feedback}";\n}\n`,
  );
  return `grammar :: """\n${JSON.stringify(rules, null, 1)}\n""";\n\n${actions.join("\n")}`;
}

export interface GameParts {
  readonly pddl_domain: string;
  readonly grammar: string;
  readonly pddl_problem: string;
  readonly solvable: boolean;
}

export const PARTS: GameParts = {
  pddl_domain: DOMAIN,
  grammar: grammarText(),
  pddl_problem: LITTLE_HOUSE.replace("GOAL", GOALS.Heat),
  solvable: true,
};

export const METADATA = {
  task_id: "trial_T1",
  task_type: "pick_heat_then_place_in_recep",
  pddl_params: { object_target: "Apple", parent_target: "Fridge" },
  turk_annotations: { anns: [{ task_desc: "Warm an apple." }] },
};

export const TRIAL = "pick_heat_then_place_in_recep-Apple-None-Fridge-1/trial_T1";

/** Writes files of a game folder `<split>/<task>/<trial>` below a directory; objects as JSON. */
export function writeFolder(
  root: string,
  id: string,
  files: Readonly<Record<string, unknown>> = { "game.tw-pddl": PARTS, "traj_data.json": METADATA },
): string {
  const folder = join(root, id);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  return folder;
}
