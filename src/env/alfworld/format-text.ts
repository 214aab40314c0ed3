/**
 * The `text` format for language models, after the wrapper that verl-agent's recipes use: what can be done
 * is shown every turn (without `help`), the agent thinks between tags and then names one action.
 */
import type { AgentFormat } from "../env.ts";
import { isTagged, taggedAction, taggedResponse } from "../tagged-response.ts";
import instructions from "./prompt.md" with { type: "text" };

/** What is sent of a response without its tags. */
const TAIL = 30;

export const text: AgentFormat = {
  name: "text",
  instructions: instructions.trimEnd(),
  stop: "<|im_end|>",
  stopStrings: ["</action>"],

  opening: (observation, admissible) => observation + offer(admissible),

  reply: (_action, { observation }, admissible) => observation + offer(admissible),

  parse: (response) => taggedAction(response, TAIL),
  wellFormed: isTagged,
  respond: taggedResponse,

  /** A later turn by itself: the task, the last turns, what is seen now and can be done. */
  recall({ opening, taken, past, observation, admissible }) {
    const task = opening.split("Your task is to: ").slice(1).join("Your task is to: ").trim();
    const turns = past.map((turn, i) => {
      const number = taken - past.length + i + 1;
      return `[Observation ${number}: '${turn.observation}', Action ${number}: '${turn.action}']`;
    });
    const last = turns.length === 0 ? "" : ` The last ${turns.length}:\n${turns.join("\n")}`;
    return (
      `Your task is to: ${task}\nSteps taken so far: ${taken}.${last}\n` +
      `This is step ${taken + 1}, and you see: ${observation}${offer(admissible)}`
    );
  },
};

function offer(admissible: readonly string[] | undefined): string {
  if (admissible === undefined) return "";
  const actions = admissible.filter((action) => action !== "help").map((action) => `'${action}'`);
  return `\n\nYour admissible actions: [${actions.join("\n ")}].`;
}
