/** The sentence of a task, for households that bring none: one of two ways of saying it. */
import { seedFor } from "../../core/random.ts";
import type { Kind, Quest } from "./quest.ts";

const TEMPLATES: Readonly<Record<Kind, readonly [string, string]>> = {
  Pick: ["put a OBJECT in TARGET", "put some OBJECT on TARGET"],
  Look: ["look at OBJECT under the TARGET", "examine the OBJECT with the TARGET"],
  Clean: ["put a clean OBJECT in TARGET", "clean some OBJECT and put it in TARGET"],
  Heat: ["put a hot OBJECT in TARGET", "heat some OBJECT and put it in TARGET"],
  Cool: ["put a cool OBJECT in TARGET", "cool some OBJECT and put it in TARGET"],
  Pick2: ["put two OBJECT in TARGET", "find two OBJECT and put them in TARGET"],
};

/** Without a full stop; which of the two hangs on the task's id alone. */
export function describe({ kind, object, target }: Quest, id: string): string {
  const chosen = TEMPLATES[kind][seedFor(0, "description", id) & 1] as string;
  return chosen.replace("OBJECT", object).replace("TARGET", target);
}
