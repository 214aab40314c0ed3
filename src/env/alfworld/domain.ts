/**
 * The rules of the household. The engine carries them out in code of its own, so a game's domain is read to
 * see that it says the same, and for what it may choose: which appliances clean, heat and cool, what cuts,
 * and whether there is `help`.
 *
 * Two of its quirks are the planner's and not to be seen in the text. In `examineObject` the type of `?l`
 * is `location,` with its comma, which nothing has: only what is held can be examined. And an action that
 * changes nothing by construction does not exist: nobody goes where they are.
 */
import { UserError } from "../../core/errors.ts";
import { type Expression, List, readExpression, shortened, written } from "./s-expression.ts";

export interface Rules {
  /** Receptacle types, such as "sinkbasin". */
  readonly cleaning: readonly string[];
  readonly heating: readonly string[];
  readonly cooling: readonly string[];
  /** Object types that cut. */
  readonly cutting: readonly string[];
  readonly help: boolean;
}

export const STOCK_RULES: Rules = {
  ...{ cleaning: ["sinkbasin"], heating: ["microwave"], cooling: ["fridge"] },
  ...{ cutting: ["knife", "butterknife"], help: true },
};

const HERE = "(atlocation ?a ?l) (receptacleatlocation ?r ?l)";
const ACCESSIBLE = `${HERE} (or (not (openable ?r)) (opened ?r))`;
const REACHABLE = `(exists (?l - location) (and ${HERE}))`;
const UNREACHABLE = `(exists (?l - location, ?r - receptacle) (and ${ACCESSIBLE} (inreceptacle ?o ?r)))`;

/** Action → precondition and effect; CHOICE stands for the alternatives a domain may choose. */
const ACTIONS: Readonly<Record<string, readonly [precondition: string, effect: string]>> = {
  look: ["(atlocation ?a ?l)", "(checked ?l)"],
  inventory: ["()", "(checked ?a)"],
  help: ["()", "(checked ?a)"],
  examinereceptacle: [REACHABLE, "(checked ?r)"],
  examineobject: [`(or ${UNREACHABLE} (holds ?a ?o))`, "(checked ?o)"],
  gotolocation: [
    "(atlocation ?a ?lstart) (receptacleatlocation ?r ?lend)",
    "(not (atlocation ?a ?lstart)) (atlocation ?a ?lend)",
  ],
  openobject: [`(openable ?r) ${HERE} (not (opened ?r))`, "(opened ?r) (checked ?r)"],
  closeobject: [`(openable ?r) ${HERE} (opened ?r)`, "(not (opened ?r))"],
  pickupobject: [
    `(pickupable ?o) ${ACCESSIBLE} (inreceptacle ?o ?r) (not (holdsany ?a))`,
    "(not (inreceptacle ?o ?r)) (holds ?a ?o) (holdsany ?a) (not (objectatlocation ?o ?l))",
  ],
  putobject: [
    `(holds ?a ?o) ${ACCESSIBLE} (objecttype ?o ?ot) (receptacletype ?r ?rt) (cancontain ?rt ?ot)`,
    "(inreceptacle ?o ?r) (objectatlocation ?o ?l) (not (holds ?a ?o)) (not (holdsany ?a))",
  ],
  cleanobject: [`(cleanable ?o) CHOICE ${HERE} (holds ?a ?o)`, "(isclean ?o)"],
  heatobject: [`(heatable ?o) CHOICE ${HERE} (holds ?a ?o)`, "(ishot ?o) (not (iscool ?o))"],
  coolobject: [`(coolable ?o) CHOICE ${HERE} (holds ?a ?o)`, "(iscool ?o) (not (ishot ?o))"],
  toggleobject: [
    `(toggleable ?o) ${HERE} (inreceptacle ?o ?r)`,
    "(when (ison ?o) (not (ison ?o))) (when (not (ison ?o)) (ison ?o)) (istoggled ?o)",
  ],
  sliceobject: [
    "(sliceable ?co) CHOICE (atlocation ?a ?l) (objectatlocation ?co ?l) (holds ?a ?ko)",
    "(issliced ?co)",
  ],
};

const OPTIONAL = "help";

/** @throws UserError naming an action that is missing, unknown, or not as this engine plays it */
export function readDomain(text: string, where: string): Rules {
  const whole = readExpression(text, where);
  const chosen = new Map<string, readonly string[]>();
  for (const section of whole.items) {
    if (!(section instanceof List) || section.head !== ":action") continue;
    const name = section.items[1];
    const known = typeof name === "string" && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : null;
    if (typeof name !== "string" || !known) {
      const found = shortened(section.items[1] ?? "");
      throw new UserError(`${where}:${section.line}: unknown action "${found}"`);
    }
    const choices: string[] = [];
    const part = (key: string) => section.items[section.items.indexOf(key) + 1] ?? "";
    const found = [canonical(part(":precondition"), choices), canonical(part(":effect"), [])];
    const expected = known.map((rule) => canonical(readExpression(`(and ${rule})`, where), []));
    if (found[0] !== expected[0] || found[1] !== expected[1]) {
      const place = `${where}:${section.line}`;
      throw new UserError(
        `${place}: the rules of action "${name}" are not those that empg plays`,
        `this engine knows: ${known.join(" → ")}`,
      );
    }
    chosen.set(name, choices);
  }
  const missing = Object.keys(ACTIONS).find((name) => name !== OPTIONAL && !chosen.has(name));
  if (missing !== undefined) throw new UserError(`${where}: there is no action "${missing}"`);
  const choice = (name: string) => chosen.get(name) as readonly string[];
  return {
    cleaning: choice("cleanobject"),
    heating: choice("heatobject"),
    cooling: choice("coolobject"),
    cutting: choice("sliceobject"),
    help: chosen.has(OPTIONAL),
  };
}

/** One spelling for equal conditions: conjuncts in alphabetical order, no costs, choices taken out. */
function canonical(expression: Expression, choices: string[]): string {
  if (typeof expression === "string") return expression;
  const { head, items } = expression;
  if (items.length === 0) return "";
  if (head !== "and" && head !== "or") {
    if (head === "increase") return "";
    const inner = items.map((item) => canonical(item, choices));
    return `(${inner.join(" ")})`;
  }
  const types = head === "or" ? items.slice(1).map(typeChoice) : [];
  if (types.length > 0 && types.every((type) => type !== undefined)) {
    choices.push(...(types as string[]));
    return "choice";
  }
  const parts = items.slice(1).map((item) => canonical(item, choices));
  const inner = [...new Set(parts.filter((part) => part !== ""))].sort();
  return inner.length > 1 ? `(${head} ${inner.join(" ")})` : (inner[0] ?? "");
}

/** The type in `(receptacletype ?r sinkbasintype)` or `(objecttype ?ko knifetype)`. */
function typeChoice(expression: Expression): string | undefined {
  return /^\((?:receptacletype \?r|objecttype \?ko) (\S+)type\)$/.exec(written(expression))?.[1];
}
