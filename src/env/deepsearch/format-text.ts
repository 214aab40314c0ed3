/**
 * The `text` format for language models: what the agent writes is its turn, what the world says is shown as it
 * is. The agent first reads one message, the template with the question in it.
 */
import type { AgentFormat, Scene } from "../env.ts";
import { lastTokens } from "./last-tokens.ts";
import defaultTemplate from "./prompt.md" with { type: "text" };
import { PARTS, type Protocol, STANDARD, type TurnReader } from "./protocol.ts";
import type { CountTokens } from "./token-count.ts";

export interface TextOptions {
  readonly reader: TurnReader;
  /** Holds `{question}`; absent: ours. */
  readonly template?: string | undefined;
  /** With the model's chat template, where it has one. */
  readonly chat: boolean;
  /** Prompts that stand alone hold the whole transcript, cut on the left to so many tokens; absent: a memory of it. */
  readonly slide?: { readonly most: number; readonly count: CountTokens } | undefined;
}

export function textFormat({ reader, template, chat, slide }: TextOptions): AgentFormat {
  const { search, answer } = reader.protocol;
  const prompt = (template ?? inProtocol(defaultTemplate, reader.protocol)).trimEnd();
  const opening = (question: string) => prompt.replaceAll("{question}", () => question);
  return {
    name: "text",
    instructions: "",
    plain: !chat,
    stop: "<|im_end|>",
    stopStrings: [search[1], answer[1]],
    opening,
    reply: (_action, { observation }) => observation,
    parse: (response) => response,
    respond: (action) => action,
    recall: (scene) =>
      slide
        ? lastTokens(opening(scene.opening) + wholePast(scene, reader), slide.most, slide.count)
        : `${opening(scene.opening)}\n\n${memory(scene, reader)}`,
  };
}

/** The template with the tags of another protocol. */
function inProtocol(template: string, protocol: Protocol): string {
  let text = template;
  for (const part of PARTS) {
    STANDARD[part].forEach((tag, i) => {
      text = text.replaceAll(tag, protocol[part][i]!);
    });
  }
  return text;
}

function wholePast({ past }: Scene, reader: TurnReader): string {
  return past.map(({ action, reply }) => reader.cut(action) + reply).join("");
}

/** verl-agent's memory: the last steps without their thoughts, an invalid one with nothing. */
function memory({ taken, past }: Scene, reader: TurnReader): string {
  const steps = past.map(({ action, reply }, i) => {
    const meant = reader.action(reader.cut(action));
    const [open, close] = reader.protocol.search;
    const shown = meant.type === "search" ? `${open}${meant.query}${close}` : "";
    return `Step ${taken - past.length + i + 1}:${shown} ${reply.trim()}\n`;
  });
  return `Steps taken so far: ${taken}.\n${steps.join("")}`;
}
