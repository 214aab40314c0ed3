/**
 * The `compact` format for small word-level models: of every page only what bears on the task.
 *
 *     task long lasting perfume with color : dark blue below 40
 *     search long lasting perfume dark blue     a turn is a verb and its words, ending in a newline
 *     page 1                                    results, a line each: the id in pairs of characters, its price
 *     b0 ##74 ##3j ##kh ##bv fit long perfume   (fit, over, or either for a range across the limit), and words
 *     b0 ##9x ##11 ##c4 ##tf over perfume       of the task that its title has
 *     open b0 ##74 ##3j ##kh ##bv
 *     item fit long perfume ; dark blue ; blue  the same, then values all of whose words the task has
 *     pick dark blue
 *     ok                                        other answers: none (found), start (to search), no, bought
 *     buy
 *
 * Other turns are next, prev, back, description, features, reviews; the last three answer with the task's words
 * on those pages.
 */
import type { AgentFormat } from "../env.ts";
import { parseAction } from "./action.ts";
import { readPage } from "./page-text.ts";
import { SUB_PAGES } from "./pages.ts";
import { BUTTON_WORDS, BUTTONS } from "./places.ts";
import { commonWords, covered, readTask, type Task } from "./task-words.ts";

/** Turns of one word → what they click. */
const CLICKS: Readonly<Record<string, string>> = {
  ...{ buy: BUTTONS.buy, back: BUTTONS.back, next: BUTTONS.next, prev: BUTTONS.previous },
  ...Object.fromEntries(SUB_PAGES.map((page) => [page, page])),
};
const ASIN = /^(?=.*\d)[a-z0-9]{10}$/;
const PRICE_TAG = /^(?:Price: )?\$([\d.e+]+)(?: to \$([\d.e+]+))?$/;
const MOST_VALUES = 8;

/** Words that the format adds to the task's own. */
export const READ_WORDS: readonly string[] = [
  ..."task below page item fit over either none start ok no bought".split(" "),
  ...[";", ":"],
];

/** Words that turns begin with. */
export const WRITTEN_WORDS: readonly string[] = ["search", "open", "pick", ...Object.keys(CLICKS)];

export const compact: AgentFormat = {
  name: "compact",
  instructions: "",
  stop: "\n",

  opening(observation) {
    const { words, limit } = readTask(readPage(observation).task ?? "");
    return `task ${words.join(" ")}${limit === undefined ? "" : ` below ${limit}`}\n`;
  },

  reply(action, { observation, valid }, admissible = []) {
    if (!valid) return "no\n";
    const { task: told, segments } = readPage(observation);
    if (told === undefined) return "bought\n";
    if (segments[0] === "Search") return "start\n";
    const task = readTask(told);
    const page = /^Page (\d+) \(/.exec(segments[1] ?? "")?.[1];
    if (page !== undefined) return resultsText(task, page, segments);
    const { argument = "" } = parseAction(action);
    if (segments.at(-1) !== "Buy Now") {
      return line(argument, ...commonWords(task, segments.slice(2).join(" ")));
    }
    const values = valuesIn(admissible);
    return values.includes(argument) ? "ok\n" : itemText(task, segments, values);
  },

  parse(response) {
    const end = response.indexOf("\n");
    const said = (end < 0 ? response : response.slice(0, end)).trim();
    if (Object.hasOwn(CLICKS, said)) return `click[${CLICKS[said]}]`;
    const [, verb, words = ""] = /^(search|open|pick) (.+)$/.exec(said) ?? [];
    if (verb === undefined) return said;
    if (verb === "search") return `search[${words.trim()}]`;
    // Ids alone are in pieces; a value may have such marks of its own.
    return `click[${(verb === "open" ? words.replaceAll(" ##", "") : words).trim()}]`;
  },

  respond(action) {
    const { name, argument } = parseAction(action);
    if (argument === undefined) return line(action);
    if (name === "search") return line("search", argument);
    const [button] = Object.entries(CLICKS).find(([, clicked]) => clicked === argument) ?? [];
    if (button !== undefined) return line(button);
    return ASIN.test(argument) ? line("open", spelled(argument)) : line("pick", argument);
  },

  /** As if the turns before those shown had not been. */
  recall({ opening, past }) {
    const turns = past.map(({ action, reply }) => `${compact.respond(action)}${reply}`);
    return `${compact.opening(opening)}${turns.join("")}`;
  },
};

/** A product's id in pairs of characters. */
export function spelled(asin: string): string {
  return (asin.toLowerCase().match(/.{1,2}/gs) ?? []).join(" ##");
}

/** @param segments of the whole page: buttons, then id, title if any and price of each product */
function resultsText(task: Task, page: string, segments: readonly string[]): string {
  const products = segments.slice(segments.indexOf("Next >") + 1);
  let text = line("page", page);
  let asin: string | undefined;
  let title = "";
  for (const segment of products) {
    if (asin === undefined) asin = segment;
    else if (PRICE_TAG.test(segment)) {
      text += line(spelled(asin), priceWord(task, segment), ...commonWords(task, title));
      [asin, title] = [undefined, ""];
    } else title = segment;
  }
  return products.length === 0 ? text + line("none") : text;
}

function itemText(task: Task, segments: readonly string[], values: readonly string[]): string {
  const at = segments.findLastIndex((segment) => segment.startsWith("Price: "));
  // A product without a title has a value or a button there.
  const title = segments[at - 1] ?? "";
  const fitting = values
    .map((value) => [covered(task, value), value] as const)
    .filter(([count]) => count > 0)
    .sort(([a], [b]) => b - a)
    .slice(0, MOST_VALUES);
  const shown = fitting.map(([, value]) => `; ${value}`);
  return line("item", priceWord(task, segments[at] ?? ""), ...commonWords(task, title), ...shown);
}

/** What can be chosen on a product's page. */
function valuesIn(admissible: readonly string[]): readonly string[] {
  return admissible
    .map((action) => parseAction(action).argument ?? "")
    .filter((argument) => !BUTTON_WORDS.includes(argument));
}

function priceWord({ limit = Number.POSITIVE_INFINITY }: Task, tag: string): string {
  const [, first, second = first] = PRICE_TAG.exec(tag) ?? [];
  const [low, high] = [Number(first), Number(second)].sort((a, b) => a - b) as [number, number];
  if (high <= limit) return "fit";
  return low > limit ? "over" : "either";
}

function line(...words: readonly string[]): string {
  return `${words.join(" ")}\n`;
}
