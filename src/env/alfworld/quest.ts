/** What a goal asks for, in the terms of the six kinds of task. */
import { literalsOf } from "./goal.ts";
import { typeName } from "./house.ts";
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

/** The quest of a goal; undefined for a goal that is none of the six kinds. */
export function questOf(problem: Problem): Quest | undefined {
  const literals = literalsOf(problem);
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
  const condition = literals.map(({ predicate }) => KIND_OF_CONDITION[predicate]).find(Boolean);
  if (placed.length === 2) return { kind: "Pick2", object, target };
  return { kind: condition ?? "Pick", object, target };
}
