/**
 * Tasks are goals by number, with their target for whoever reads the id: `11/B09R9YCM6R`, of those that
 * people wrote `human-3/B09PY89B1S`. The number alone will do; `random` is drawn by weight.
 */
import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { randomFrom, seedFor } from "../../core/random.ts";
import { taskListHash } from "../task-list.ts";
import { drawByWeight } from "./goal.ts";
import type { GoalKind, ShopOptions } from "./load.ts";
import type { Shop } from "./shop.ts";

type Ranges = Readonly<Record<string, readonly [first: number, end: number]>>;

/** First number of a published split and the one after its last; the last ones end with the list. */
const WEBSHOP_RANGES: Ranges = {
  "webshop-test": [0, 500],
  "webshop-validation": [500, 1500],
  "webshop-train": [1500, Number.POSITIVE_INFINITY],
};
const VERL_RANGES: Ranges = {
  "verl-validation": [0, 500],
  "verl-train": [500, Number.POSITIVE_INFINITY],
};

/** The lists that published numbers count in: all synthetic goals of the 1,000 products, in the order of seed 233 … */
const SYNTHETIC_LIST = { goals: 6910, hash: "d0e9df411389" };
/** … and all goals that people wrote for the full catalogue, which is known here by its size alone. */
const HUMAN_LIST = { goals: 12_087, seed: 233 };

const TEST_SHARE = 0.15;
const VALIDATION_SHARE = 0.15;
const RANDOM = "random";

export function taskIds({ catalogue, goals }: Shop, kind: GoalKind): string[] {
  const prefix = kind === "human" ? "human-" : "";
  return goals.map(({ target }, number) => `${prefix}${number}/${catalogue.asins[target]}`);
}

/** The clean splits first; then the published ones, where the list is the one that they are of. */
export function splitsOf(
  { catalogue, goals }: Shop,
  ids: readonly string[],
  drawn: Pick<ShopOptions, "goals" | "seed">,
): Record<string, readonly string[]> {
  const own = goals.map(({ target }) => splitOfProduct(catalogue.asins[target] as string));
  const of = (...names: readonly string[]) =>
    ids.filter((_, number) => names.includes(own[number]!));
  const clean: Record<string, readonly string[]> = {
    train: of("train"),
    validation: of("validation"),
    test: of("test"),
    heldout: of("validation", "test"),
  };
  const published = Object.entries(publishedRanges(ids, drawn)).map(([name, [first, end]]) => {
    return [name, ids.slice(first, end)] as const;
  });
  const splits = { ...clean, ...Object.fromEntries(published), all: ids };
  return Object.fromEntries(
    Object.entries(splits).filter(([name, tasks]) => name === "train" || tasks.length > 0),
  );
}

/** The published names that mean here what they mean where they are from. */
function publishedRanges(
  ids: readonly string[],
  { goals, seed }: Pick<ShopOptions, "goals" | "seed">,
): Ranges {
  if (goals === "human") {
    return ids.length === HUMAN_LIST.goals && seed === HUMAN_LIST.seed ? WEBSHOP_RANGES : {};
  }
  const isPublished =
    ids.length === SYNTHETIC_LIST.goals && taskListHash(ids) === SYNTHETIC_LIST.hash;
  return isPublished ? { ...WEBSHOP_RANGES, ...VERL_RANGES } : {};
}

/** Published lists that were cut by number, each beside the one that is trained on: both have goals of one product. */
const LEAKS: readonly (readonly [held: string, trained: string, more: string])[] = [
  ["webshop-test", "webshop-train", ""],
  ["webshop-validation", "webshop-train", ""],
  [
    "verl-validation",
    "verl-train",
    "; in verl-agent, whose workers each shuffle the list, nearly every one of them is itself trained on",
  ],
];

/** How much of a published split is known from training, by the names of the splits. */
export function caveatsOf(
  splits: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const targetOf = (task: string) => task.slice(task.indexOf("/") + 1);
  const caveats: Record<string, string> = {};
  for (const [held, trained, more] of LEAKS) {
    const [tested, known] = [splits[held], splits[trained]];
    if (tested === undefined || known === undefined) continue;
    const targets = new Set(known.map(targetOf));
    const leaked = tested.filter((task) => targets.has(targetOf(task))).length;
    const share = `${leaked} of its ${tested.length} tasks ask for a product`;
    caveats[held] = `not held out: ${share} that ${trained} asks for, too${more}`;
    caveats[trained] ??= `it leaks into ${held}: ${share.replace("its", "the")} that is in it, too`;
  }
  return caveats;
}

/** All goals of a product are in one split; no seed, version or other product moves it. */
export function splitOfProduct(asin: string): "train" | "validation" | "test" {
  const place = seedFor(0, "webshop-split", asin) / 2 ** 32;
  if (place < TEST_SHARE) return "test";
  return place < TEST_SHARE + VALIDATION_SHARE ? "validation" : "train";
}

/** The number of a goal. @throws UserError for a task that there is not */
export function findGoal(shop: Shop, ids: readonly string[], task: string, seed: number): number {
  if (task === RANDOM) {
    return drawByWeight(shop.goals, randomFrom(seedFor(seed, "webshop-goal")).uniform());
  }
  const number = Number(/^(?:human-)?(\d{1,9})(?:\/|$)/.exec(task)?.[1] ?? -1);
  const id = ids[number];
  const isShort = id?.startsWith(`${task}/`) || id?.startsWith(`human-${task}/`);
  if (id === task || isShort) return number;
  const shown = task.slice(0, 200);
  const problem =
    id === undefined
      ? `no task "${shown}" (allowed: 0 to ${ids.length - 1}, such as ${ids[0]}, or ${RANDOM})`
      : `no task "${shown}": task ${number} of this catalogue is ${id}`;
  throw new UserError(`webshop: ${problem}`, didYouMean(shown, ids) || undefined);
}
