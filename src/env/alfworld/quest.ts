/** What a goal asks for, in the terms of the six kinds of task. */
import { goalParts } from "./goal-literals.ts";
import { typeName } from "./initial-facts.ts";
import type { Problem } from "./problem.ts";

/** The kinds under their names in reports, in the order of their official numbers. */
export const KINDS = ["Pick", "Look", "Clean", "Heat", "Cool", "Pick2"] as const;
export type Kind = (typeof KINDS)[number];

/** Official task type → kind. */
export const KIND_OF_TYPE: Readonly<Record<string, Kind>> = {
  pick_and_place_simple: "Pick",
  look_at_obj_in_light: "Look",
  pick_clean_then_place_in_recep: "Clean",
  pick_heat_then_place_in_recep: "Heat",
  pick_cool_then_place_in_recep: "Cool",
  pick_two_obj_and_place: "Pick2",
};

export interface Quest {
  readonly kind: Kind;
  /** Type of the object or objects. */
  readonly object: string;
  /** Type of where it goes; for Look the type of the lamp. */
  readonly target: string;
}

const KIND_OF_CONDITION: Readonly<Record<string, Kind>> = {
  isclean: "Clean",
  ishot: "Heat",
  iscool: "Cool",
};

/** What goals of the six kinds ask for, and nothing else. */
const ASKED = new Set([
  ...["objecttype", "receptacletype", "inreceptacle", "=", "cleanable", "heatable", "coolable"],
  ...["isclean", "ishot", "iscool", "holds", "toggleable", "istoggled", "atlocation"],
  "receptacleatlocation",
]);

/** The quest of a goal; undefined for a goal that is none of the six kinds. */
export function questOf(problem: Problem): Quest | undefined {
  const literals = goalParts(problem).flatMap((part, i) =>
    part.literals.map(({ predicate, terms, negated }) => ({
      ...{ predicate, negated },
      // Parts may use one name for different things.
      terms: terms.map((term) => (part.variables.has(term) ? `${i}${term}` : term)),
    })),
  );
  if (!literals.every(({ predicate }) => ASKED.has(predicate))) return undefined;
  // None of the six asks for something not to be so; two things that must differ are all.
  if (literals.some(({ predicate, negated }) => negated && predicate !== "=")) return undefined;
  const typeOf = (variable: string | undefined) => {
    const found = literals.find(
      ({ predicate, terms }) => predicate.endsWith("type") && terms[0] === variable,
    );
    return found === undefined ? undefined : typeName(found.terms[1] as string);
  };
  const all = (predicate: string) => literals.filter((literal) => literal.predicate === predicate);
  const placed = all("inreceptacle");
  const [toggled] = all("istoggled");
  const object = typeOf((all("holds")[0] ?? { terms: ["", placed[0]?.terms[0]] }).terms[1]);
  const target = typeOf(toggled === undefined ? placed[0]?.terms[1] : toggled.terms[0]);
  if (object === undefined || target === undefined) return undefined;
  if (toggled !== undefined) return { kind: "Look", object, target };
  const [condition, another] = literals.flatMap(
    ({ predicate }) => KIND_OF_CONDITION[predicate] ?? [],
  );
  if (placed.length === 2 && condition === undefined) return { kind: "Pick2", object, target };
  if (placed.length !== 1 || another !== undefined) return undefined;
  return { kind: condition ?? "Pick", object, target };
}
