/**
 * The `compact` format: the game in as few words as say the same.
 *
 *     task heat apple fridge                 read first it says what to look for,
 *     cabinet 20 , countertop 3 , fridge 1   (a class and how many of it: their numbers are 1 to 20)
 *     task heat apple fridge                 read last it is near when the agent writes
 *     go countertop 3                        commands without their prepositions, ending in a newline
 *     see apple 2 , knife 1                  lists end in a newline, other answers are one word:
 *     take apple 2 countertop 3              ok · closed · middle (of the room) · help · no (nothing happens)
 *     ok
 */
import type { AgentFormat } from "../env.ts";
import type { Kind } from "./quest.ts";

/** Verb → the preposition between its two things. */
const PREPOSITIONS: Readonly<Record<string, string>> = {
  ...{ take: "from", move: "to", heat: "with", clean: "with", cool: "with", slice: "with" },
  put: "in/on",
};

/** How the two ways of saying a task begin and go on, by kind. */
const TASKS: readonly (readonly [Kind, RegExp])[] = [
  ["Pick2", /^(?:put two (\S+) in|find two (\S+) and put them in) (\S+)$/],
  ["Clean", /^(?:put a clean (\S+) in|clean some (\S+) and put it in) (\S+)$/],
  ["Heat", /^(?:put a hot (\S+) in|heat some (\S+) and put it in) (\S+)$/],
  ["Cool", /^(?:put a cool (\S+) in|cool some (\S+) and put it in) (\S+)$/],
  ["Look", /^(?:look at (\S+) under the|examine the (\S+) with the) (\S+)$/],
  ["Pick", /^(?:put a (\S+) in|put some (\S+) on) (\S+)$/],
];

/** Words that replies and openings consist of, classes and numbers aside. */
export const READ_WORDS: readonly string[] = [
  ..."task pick look clean heat cool pick2 see nothing facing carry is normal hot cold cool".split(
    " ",
  ),
  ..."sliced plain ok closed middle help no".split(" "),
];

/** Words that commands consist of, classes and numbers aside; prepositions are understood, too. */
export const WRITTEN_WORDS: readonly string[] = [
  ..."go take move put open close examine use heat clean cool slice look inventory help".split(" "),
  ..."to from with".split(" "),
];

export const compact: AgentFormat = {
  name: "compact",
  instructions: "",
  stop: "\n",

  opening(observation) {
    const seen = /you see (.*)\.$/m.exec(observation)?.[1] ?? "";
    const counts = new Map<string, number>();
    for (const [, name = ""] of seen.matchAll(/([a-z]+) \d+/g)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const places = [...counts].map(([name, count]) => `${name} ${count}`).join(" , ");
    const task = `task ${shortTask(/Your task is to: (.*)\.$/s.exec(observation)?.[1] ?? "")}\n`;
    return `${task}${places}\n${task}`;
  },

  reply(action, { observation }) {
    if (observation === "Nothing happens.") return "no";
    const inside = /(?:In it|^On the [^,]*|\. On the [^,]*), you see (.*)\.$/.exec(
      observation,
    )?.[1];
    const facing = /^You are facing the (.*)\. Next to it, you see (.*)\.$/.exec(observation);
    if (facing !== null) return `facing ${listed(facing[1])} , see ${listed(facing[2])}\n`;
    if (observation.startsWith("This is a normal")) return `is normal , see ${listed(inside)}\n`;
    if (inside !== undefined) return `see ${listed(inside)}\n`;
    if (observation.endsWith(" is closed.")) return "closed";
    if (observation.startsWith("You are in the middle")) return "middle";
    const carried = /^You are (?:carrying: (.*)|not carrying anything)\.$/.exec(observation);
    if (carried !== null) return `carry ${listed(carried[1])}\n`;
    const state = /^This is a (.*) \S+ \d+\.$/.exec(observation)?.[1];
    if (state !== undefined) return `is ${state.replace(" and ", " ")}\n`;
    if (observation.startsWith("There's nothing special")) return "plain";
    return action.trim() === "help" ? "help" : "ok";
  },

  parse(response) {
    const end = response.indexOf("\n");
    const words = (end < 0 ? response : response.slice(0, end)).trim();
    const go = /^go (\S+ \d+)$/.exec(words)?.[1];
    if (go !== undefined) return `go to ${go}`;
    const [, verb = "", first, second] = /^(\S+) (\S+ \d+) (\S+ \d+)$/.exec(words) ?? [];
    const between = Object.hasOwn(PREPOSITIONS, verb) ? PREPOSITIONS[verb] : undefined;
    return between === undefined ? words : `${verb} ${first} ${between} ${second}`;
  },

  respond(action) {
    const go = /^go to (\S+ \d+)$/.exec(action)?.[1];
    if (go !== undefined) return `go ${go}\n`;
    const [, verb = "", first, between, second] =
      /^(\S+) (\S+ \d+) (\S+) (\S+ \d+)$/.exec(action) ?? [];
    const known = Object.hasOwn(PREPOSITIONS, verb) && PREPOSITIONS[verb] === between;
    return known ? `${verb} ${first} ${second}\n` : `${action}\n`;
  },

  /** As if the turns before those shown had not been. */
  recall({ opening, past }) {
    const turns = past.map(({ action, reply }) => `${compact.respond(action)}${reply} `);
    return `${compact.opening(opening)}${turns.join("")}`;
  },
};

/** "put a hot apple in fridge" → "heat apple fridge"; a free description stays as it is, in lower case. */
function shortTask(task: string): string {
  for (const [kind, form] of TASKS) {
    const match = form.exec(task);
    if (match) return `${kind.toLowerCase()} ${match[1] ?? match[2]} ${match[3]}`;
  }
  return task.toLowerCase();
}

/** "a mug 2, and a mug 1" → "mug 2 , mug 1". */
function listed(list = "nothing"): string {
  return list.replace(/, (?:and )?/g, " , ").replace(/(^| )a (?=\S+ \d)/g, "$1");
}
