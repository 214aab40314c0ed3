/**
 * Chat templates as transformers renders them: Jinja with trim_blocks and lstrip_blocks,
 * `raise_exception`, `strftime_now`, the special tokens by name, tools as JSON schemas. Two things that
 * templates seldom do come out otherwise: a printed true, false, none or list is not in Python's notation,
 * and `capitalize` leaves the other letters as they are.
 */
import { Template } from "@huggingface/jinja";
import { UserError } from "../core/errors.ts";
import { losesOutput } from "./loop-controls.ts";

/** Anything a template may look at stands beside the role; transformers passes it on as it is. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly unknown[] | undefined;
  readonly [key: string]: unknown;
}

export interface RenderOptions {
  /** JSON schemas of functions that may be called. */
  readonly tools?: readonly unknown[] | undefined;
  /** End with what comes before an assistant's turn. */
  readonly addGenerationPrompt?: boolean;
}

/** A conversation as one text. @throws UserError with the template's own words where it refuses */
export type ChatTemplate = (messages: readonly ChatMessage[], options?: RenderOptions) => string;

/**
 * @param sources by name: `default`, and `tool_use` where tools have a template of their own
 * @param specialTokens what templates know by name: `bos_token`, `eos_token`, …
 * @throws UserError naming the file, for a syntax error or where no template is called `default`
 */
export function readChatTemplate(
  sources: ReadonlyMap<string, string>,
  specialTokens: Readonly<Record<string, string>>,
  file: string,
): ChatTemplate {
  const templates = new Map<string, Template>();
  for (const [name, source] of sources) {
    const where =
      name === "default" ? `${file}: chat template` : `${file}: chat template "${name}"`;
    try {
      templates.set(name, new Template(source));
    } catch (error) {
      throw new UserError(`${where}: ${(error as Error).message}`);
    }
    if (losesOutput(templates.get(name)!.parsed.body)) {
      throw new UserError(
        `${where}: it leaves a loop after it wrote something, which is not supported`,
      );
    }
  }
  const standard = templates.get("default");
  if (standard === undefined) {
    const names = [...sources.keys()].join(", ");
    throw new UserError(`${file}: chat_template: found ${names}, but none is called "default"`);
  }
  return (messages, { tools, addGenerationPrompt = false } = {}) => {
    const template = (tools && templates.get("tool_use")) ?? standard;
    try {
      return template.render({
        ...specialTokens,
        messages: messages.map(withReasoning),
        tools: tools ?? null,
        documents: null,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (error) {
      throw new UserError(
        `${file}: the chat template refuses the conversation: ${(error as Error).message}`,
      );
    }
  };
}

/** Templates read what an assistant thought under one of these names; as in transformers, any will do. */
const REASONING = ["reasoning_content", "thinking", "reasoning"] as const;

function withReasoning(message: ChatMessage): ChatMessage {
  const reasoning = REASONING.map((name) => message[name]).find((text) => text != null);
  if (reasoning === undefined) return message;
  return { thinking: reasoning, ...message, reasoning_content: reasoning };
}
