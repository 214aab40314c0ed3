/**
 * How an episode becomes tokens. With a chat template it is a conversation: the world's instructions are
 * its system turn, what the world says its user turns, what is sampled its assistant turns. Without one,
 * texts follow one another as they are.
 *
 * `history: "full"`: every turn extends one context. A number N: every turn has a prompt of its own
 * that tells of the last N turns, as verl-agent does (there N = 2).
 */
import type { AgentFormat, Episode, Outcome, PastTurn, Scene } from "../env/env.ts";
import { Conversation } from "../text/conversation.ts";
import type { ModelText } from "../text/model-text.ts";
import type { Step } from "./trajectory.ts";

export interface DialogueOptions {
  readonly format: AgentFormat;
  readonly text: ModelText;
  readonly history: "full" | number;
}

/** A turn of the policy, as sampled. */
export interface Turn {
  readonly tokens: readonly number[];
  /** Their text, without the added token that ended them. */
  readonly response: string;
  readonly action: string;
}

/** What is read before the next turn. */
export interface Prompt {
  readonly context: Step["context"];
  readonly tokens: readonly number[];
}

/** One episode's side of the policy. */
export class Dialogue {
  readonly #format: AgentFormat;
  readonly #text: ModelText;
  readonly #history: "full" | number;
  readonly #episode: Pick<Episode, "opening" | "admissible">;
  readonly #past: PastTurn[] = [];
  readonly #conversation: Conversation | undefined;
  #observation: string;
  /** What is read before the first turn. */
  readonly prompt: Prompt;

  constructor(
    { format, text, history }: DialogueOptions,
    episode: Pick<Episode, "opening" | "admissible">,
  ) {
    this.#format = format;
    this.#text = textOf(format, text);
    this.#history = history;
    this.#episode = episode;
    this.#observation = episode.opening;
    const { tokenizer, template } = this.#text;
    if (history === "full" && template !== undefined) {
      this.#conversation = new Conversation(tokenizer, template, format.instructions);
    }
    const shown = format.opening(episode.opening, episode.admissible());
    this.prompt = {
      context: history === "full" ? "append" : "fresh",
      tokens: this.#conversation?.hear(shown) ?? this.#alone(shown),
    };
  }

  /** What the world's answer to a turn adds. */
  next({ tokens, response, action }: Turn, outcome: Outcome): Prompt {
    const admissible = this.#episode.admissible();
    const reply = this.#format.reply(action, outcome, admissible);
    this.#past.push({ observation: this.#observation, action, reply });
    this.#observation = outcome.observation;
    if (this.#history !== "full") {
      return { context: "fresh", tokens: this.#alone(this.#recall(reply, admissible)) };
    }
    if (this.#conversation === undefined) {
      return { context: "append", tokens: this.#text.tokenizer.encode(reply) };
    }
    this.#conversation.speak(tokens, response);
    return { context: "append", tokens: this.#conversation.hear(reply) };
  }

  #recall(shown: string, admissible: readonly string[]): string {
    const { opening } = this.#episode;
    const past = this.#past;
    const kept = this.#history === "full" ? past.length : Math.min(this.#history, past.length);
    const scene: Scene = {
      ...{ opening, taken: past.length, past: past.slice(past.length - kept) },
      ...{ observation: this.#observation, shown, admissible },
    };
    const format = this.#format;
    return format.recall?.(scene) ?? listTurns(format.opening(opening), scene);
  }

  /** A prompt that stands for itself. */
  #alone(said: string): number[] {
    const { instructions } = this.#format;
    const { tokenizer, template } = this.#text;
    if (template !== undefined) {
      return new Conversation(tokenizer, template, instructions).hear(said);
    }
    return tokenizer.encode(instructions ? `${instructions}\n${said}` : said);
  }
}

/** The prompt of formats without words of their own for it. */
function listTurns(opening: string, { taken, past, shown }: Scene): string {
  const lines = past.map(({ action, reply }, i) => {
    const number = taken - past.length + i + 1;
    const answer = number === taken ? "" : ` was answered '${reply}'`;
    return `[Turn ${number}: '${action}'${answer}]\n`;
  });
  const list = past.length === 0 ? "" : ` The last ${past.length}:\n${lines.join("")}`;
  return `${opening}\n\nTurns taken: ${taken}.${list.trimEnd()}\nNow you read:\n${shown}`;
}

/** How a model reads and writes where a format speaks: without turns of its own where that wants plain text. */
export function textOf({ plain = false }: AgentFormat, text: ModelText): ModelText {
  return plain ? { tokenizer: text.tokenizer } : text;
}

/** The tokens with which an agent says something by itself. */
export function spoken({ tokenizer, template }: ModelText, response: string): number[] {
  const ids = tokenizer.encode(response);
  // Without turns of its own a model's format says how they end.
  return template === undefined ? ids : [...ids, tokenizer.endOfTurn];
}
