/**
 * The `text` format for language models, after verl-agent's wrapper for WebShop: task, page and what can be done
 * are shown every turn, the agent thinks between tags and then names one action.
 */
import type { AgentFormat, PastTurn, Scene } from "../env.ts";
import { isTagged, taggedAction, taggedResponse } from "../tagged-response.ts";
import { readPage } from "./page-text.ts";
import { SEPARATOR } from "./pages.ts";
import instructions from "./prompt.md" with { type: "text" };

/** What is sent of a response without its tags. */
const TAIL = 20;
/** A longer prompt does without the past turns. */
const LONGEST_PROMPT = 13_000;

export const text: AgentFormat = {
  name: "text",
  instructions: instructions.trimEnd(),
  stop: "<|im_end|>",
  stopStrings: ["</action>"],

  opening: (observation, admissible) =>
    `Your task is to: ${readPage(observation).task}\nYou see: ${seen(observation)}${offer(admissible)}`,

  reply: (_action, { observation }, admissible) =>
    `You see: ${seen(observation)}${offer(admissible)}`,

  parse: (response) => taggedAction(response, TAIL),
  wellFormed: isTagged,
  respond: taggedResponse,

  /** A later turn by itself: the task, the last turns, what is seen now and can be done. */
  recall(scene) {
    const told = later(scene, scene.past);
    return told.length > LONGEST_PROMPT ? later(scene, []) : told;
  },
};

function later(
  { opening, taken, observation, admissible }: Scene,
  past: readonly PastTurn[],
): string {
  const turns = past.map((turn, i) => {
    const number = taken - past.length + i + 1;
    return `[Observation ${number}: '${seen(turn.observation)}', Action ${number}: '${turn.action}']`;
  });
  const last = turns.length === 0 ? "" : ` The last ${turns.length}:\n${turns.join("\n")}`;
  return (
    `Your task is to: ${readPage(opening).task}\nSteps taken so far: ${taken}.${last}\n` +
    `This is step ${taken + 1}, and you see: ${seen(observation)}${offer(admissible)}`
  );
}

/** The page without its task, segments in quotes. */
function seen(observation: string): string {
  const { task, segments } = readPage(observation);
  if (task === undefined) return observation;
  return segments.map((segment) => `'${segment}'`).join(SEPARATOR);
}

function offer(admissible: readonly string[] | undefined): string {
  if (admissible === undefined) return "";
  const actions = admissible.map((action) => `'${action}'`);
  return `\n\nYour admissible actions: [\n${actions.join(",\n")}\n].`;
}
