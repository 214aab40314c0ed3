/**
 * Experts for demonstrations. The flawless one plays nextAction. The other errs with a given probability at
 * a turn, as people do, so that demonstrations also show recoveries: it opens another product (25 %), clicks
 * another value (20 %), looks at a page it has no need of (15 %), searches with fewer words (10 %), turns
 * the page (10 %), buys too early (10 %), leaves a word out (5 %), repeats itself (5 %). A kind that does
 * not apply leaves its share to the others.
 */
import { drawWeighted } from "../../core/draws.ts";
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import type { Expert, Mistakes } from "../env.ts";
import { parseAction } from "./action.ts";
import type { WebShopEpisode } from "./env.ts";
import { errandOf, nextAction } from "./expert.ts";
import { SUB_PAGES } from "./pages.ts";
import { BUTTON_WORDS, BUTTONS } from "./places.ts";

export function webshopExpert(episode: WebShopEpisode, mistakes?: Mistakes): Expert {
  const errand = errandOf(episode);
  if (mistakes === undefined) return { next: () => nextAction(episode, errand) };
  const random = randomFrom(seedFor(mistakes.seed, "mistakes"));
  let previous: string | undefined;
  return {
    next() {
      const right = nextAction(episode, errand);
      const errs = random.uniform() < mistakes.rate;
      previous = errs ? mistake(random, seen(episode), right, previous) : right;
      return previous;
    },
  };
}

function mistake(
  random: Random,
  { page, admissible }: { page: string; admissible: readonly string[] },
  right: string,
  previous: string | undefined,
): string {
  const one = (some: readonly string[]) => random.sample(some, 1)[0];
  const buttons = BUTTON_WORDS.map((name) => `click[${name}]`);
  const things = admissible.filter(
    (action) => action.startsWith("click[") && !buttons.includes(action),
  );
  const sub = SUB_PAGES.map((name) => `click[${name}]`);
  const kinds: (readonly [number, string | undefined])[] = [
    [25, page === "results" ? one(things) : undefined],
    [20, page === "item" ? one(things) : undefined],
    [15, page === "item" ? one(sub) : undefined],
    [10, right.startsWith("search[") ? fewerWords(random, right) : undefined],
    [10, page === "results" ? `click[${BUTTONS.next}]` : undefined],
    [10, page === "item" ? `click[${BUTTONS.buy}]` : undefined],
    [5, withoutOneWord(random, right)],
    [5, previous],
  ];
  const possible = kinds.filter(([, action]) => action !== undefined && action !== right);
  return drawWeighted(random, possible) ?? right;
}

/** The first or the last half of a query. */
function fewerWords(random: Random, action: string): string | undefined {
  const words = action.slice("search[".length, -1).split(" ");
  if (words.length < 2) return undefined;
  const half = Math.ceil(words.length / 2);
  return `search[${(random.uniform() < 0.5 ? words.slice(0, half) : words.slice(-half)).join(" ")}]`;
}

/** Of several words of a search or a value. */
function withoutOneWord(random: Random, action: string): string | undefined {
  const { name, argument = "" } = parseAction(action);
  const words = argument.split(" ");
  if (words.length < 2 || BUTTON_WORDS.includes(argument)) return undefined;
  words.splice(random.integer(words.length), 1);
  return `${name}[${words.join(" ")}]`;
}

function seen(episode: WebShopEpisode): { page: string; admissible: readonly string[] } {
  return { page: episode.place.page, admissible: episode.admissible() };
}
