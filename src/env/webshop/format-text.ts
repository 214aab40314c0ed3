/**
 * The `text` format for language models, after verl-agent's wrapper for WebShop: task, page and what can be done
 * are shown every turn, the agent thinks between tags and then names one action.
 */
import type { AgentFormat, Scene } from "../env.ts";
import { isTagged, taggedAction, taggedResponse } from "../tagged-response.ts";
import { readPage } from "./page-text.ts";
import { SEPARATOR } from "./pages.ts";
import instructions from "./prompt.md" with { type: "text" };

/** What is sent of a response without its tags. */
const TAIL = 20;
/** A prompt of more characters, the instructions among them, does without the past turns. */
const LONGEST_PROMPT = 13_000;

const INSTRUCTIONS = instructions.trimEnd();

export const text: AgentFormat = {
  name: "text",
  instructions: INSTRUCTIONS,
  stop: "<|im_end|>",
  stopStrings: ["</action>"],

  opening: (observation, admissible) => first(observation, observation, admissible),

  reply: (_action, { observation }, admissible) =>
    `You see: ${seen(observation)}${offer(admissible)}`,

  parse: (response) => taggedAction(response, TAIL),
  wellFormed: isTagged,
  respond: taggedResponse,

  /** A later turn by itself: the task, the last turns, what is seen now and can be done; without turns as the first is. */
  recall(scene) {
    const { opening, past, observation, admissible } = scene;
    const told = later(scene);
    const isShort = charactersOf(`${INSTRUCTIONS}\n${told}`) <= LONGEST_PROMPT;
    return past.length > 0 && isShort ? told : first(opening, observation, admissible);
  },
};

function first(
  opening: string,
  observation: string,
  admissible: readonly string[] | undefined,
): string {
  const { task } = readPage(opening);
  return `Your task is to: ${task}\nYou see: ${seen(observation)}${offer(admissible)}`;
}

function later({ opening, taken, past, observation, admissible }: Scene): string {
  const turns = past.map((turn, i) => {
    const number = taken - past.length + i + 1;
    return `[Observation ${number}: '${seen(turn.observation)}', Action ${number}: '${turn.action}']`;
  });
  return (
    `Your task is to: ${readPage(opening).task}\nSteps taken so far: ${taken}. ` +
    `The last ${turns.length}:\n${turns.join("\n")}\n` +
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
  const actions = admissible.map((action) => `'${action}',`);
  return `\n\nYour admissible actions: [\n${actions.join("\n")}\n].`;
}

/** As Python counts them: one that takes two units is one. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
