/**
 * How agents read and write the game.
 *
 * `compact`, for small word-level models: `goal oak fence`, recipe lines, the goal again (read first, it says what
 * to look for; read last, it is near when the agent writes), then commands that end in a
 * newline, each answered by one word (lossless, since the command is known): ok, lack (not enough
 * items), unknown (could not find), norecipe, format (wrong item format), what (could not execute).
 * Only `inventory` answers with a list: `have 2 stick , 3 oak planks`. Amounts above 99 read 99.
 *
 * `text`, for language models: the game's own words, instructions from prompt.md, responses of the
 * form `Thought: … Action: …` as in AgentGym.
 */
import type { AgentFormat } from "../env.ts";
import instructions from "./prompt.md" with { type: "text" };

const MAX_AMOUNT = 99;

/** Reply words by the beginning of what the game says; the command decides between the two "found"s. */
const CRAFT_REPLIES: readonly (readonly [string, string])[] = [
  ["Crafted ", "ok"],
  ["Could not find enough items", "lack"],
  ["Could not find a valid recipe", "norecipe"],
  ["Wrong item format", "format"],
];
const GET_REPLIES: readonly (readonly [string, string])[] = [
  ["Got ", "ok"],
  ["Could not find ", "unknown"],
];

/** Every word a reply can consist of, item words and numbers aside. */
export const REPLY_WORDS: readonly string[] =
  "ok lack unknown norecipe format what have nothing".split(" ");

export const compact: AgentFormat = {
  name: "compact",
  instructions: "",
  stop: "\n",

  opening(observation) {
    const lines: string[] = [];
    for (const line of observation.split("\n")) {
      if (line.startsWith("craft ")) lines.push(spaced(line));
      const goal = /^Goal: craft (.*)\.$/.exec(line)?.[1];
      if (goal !== undefined) {
        lines.unshift(`goal ${goal}`);
        lines.push(`goal ${goal}`);
      }
    }
    return lines.map((line) => `${line}\n`).join("");
  },

  reply(action, { observation }) {
    if (observation.startsWith("Inventory:")) return inventoryReply(observation);
    const replies = action.startsWith("craft ") ? CRAFT_REPLIES : GET_REPLIES;
    return replies.find(([start]) => observation.startsWith(start))?.[1] ?? "what";
  },

  parse(response) {
    const end = response.indexOf("\n");
    return (end < 0 ? response : response.slice(0, end)).trim().replaceAll(" ,", ",");
  },

  respond: (action) => `${spaced(action)}\n`,

  /** As if the turns before those shown had not been. */
  recall({ opening, past }) {
    const turns = past.map(({ action, reply }) => `${spaced(action)}\n${reply} `);
    return `${compact.opening(opening)}${turns.join("")}`;
  },
};

function spaced(line: string): string {
  return line.replaceAll(",", " ,");
}

function inventoryReply(observation: string): string {
  const entries = [...observation.matchAll(/\[([^\]]*)\] \((\d+)\)/g)];
  const held = entries.map(([, item, amount]) => `${Math.min(Number(amount), MAX_AMOUNT)} ${item}`);
  return `have ${held.join(" , ") || "nothing"}\n`;
}

const TWO_ACTIONS =
  "Error: Only one 'Action' is allowed per response. Please adjust your response.";
const ACTION = /Action:/g;

export const text: AgentFormat = {
  name: "text",
  instructions: instructions.trimEnd(),
  stop: "<|im_end|>",

  opening: (observation) => observation,

  reply(action, { observation }) {
    return (action.match(ACTION)?.length ?? 0) > 1 ? TWO_ACTIONS : observation;
  },

  /**
   * The line after "Action:" (the first line where there is none), reduced to letters, digits, commas
   * and single spaces. Two actions stay as written: the game refuses them and `reply` says why.
   */
  parse(response) {
    const start = response.indexOf("Action:");
    if ((response.match(ACTION)?.length ?? 0) > 1) return response.slice(start);
    const action = (start < 0 ? response : response.slice(start + "Action:".length)).trimStart();
    const line = action.split("\n", 1)[0] ?? "";
    return line
      .replace(/[^A-Za-z0-9,\s]+/g, "")
      .replace(/\s+/g, " ")
      .trim();
  },

  respond: (action) => `Action: ${action}`,
};

/** By name. */
export const FORMATS = { compact, text } satisfies Readonly<Record<string, AgentFormat>>;
