/**
 * What a supervised warm start reads, one record a line; the kinds may be mixed in a file:
 *
 *   trajectory  {"steps": [{"context", "prompt_tokens", "tokens", …}], …}     as `empg rollout` writes it
 *   tokens      {"prompt_tokens": [1, 2], "tokens": [3, 4]}                   ids as they are
 *   chat        {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}, …]}
 *
 * What an assistant says in a chat is learned, and closed by the token that ends a turn. A model with a
 * chat template reads the chat as the template writes it (`tools` beside `messages`, and calls in them, as
 * transformers has them); without one the contents are encoded one by one.
 */
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { readJsonLines } from "../core/jsonl.ts";
import { validate } from "../core/validate.ts";
import { answersOf } from "../text/answers.ts";
import type { ModelText } from "../text/model-text.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { Step } from "./trajectory.ts";

/** One conversation to learn from. */
export interface Demonstration {
  /** `file:line`. */
  readonly where: string;
  /** Neighbours of one group and opening share it in a batch. */
  readonly group: string;
  readonly steps: readonly Pick<Step, "context" | "prompt_tokens" | "tokens">[];
  /** The world broke while it was recorded. */
  readonly fault: boolean;
}

const Ids = z.array(z.int().min(0));
const Learned = z.array(z.int().min(0)).min(1);

const RECORDS = {
  steps: z.object({
    group: z.union([z.string(), z.number()]).transform(String).optional(),
    end: z.string().optional(),
    steps: z.array(
      z.object({ context: z.enum(["append", "fresh"]), prompt_tokens: Ids, tokens: Ids }),
    ),
  }),
  messages: z.object({
    messages: z
      .array(
        z.looseObject({
          role: z.enum(["system", "user", "assistant", "tool"]),
          content: z.string(),
          tool_calls: z.array(z.looseObject({})).optional(),
        }),
      )
      .min(1),
    tools: z.array(z.looseObject({})).optional(),
  }),
  tokens: z.object({ prompt_tokens: Ids.default([]), tokens: Learned }),
} as const;

/** @throws UserError naming file, line, key, what was found and what is allowed */
export async function* readDemonstrations(
  path: string,
  text: ModelText,
): AsyncGenerator<Demonstration> {
  for await (const { value, where } of readJsonLines(path)) {
    const has = (key: string) => typeof value === "object" && value !== null && key in value;
    if (has("steps")) {
      const { group = where, end, steps } = validate(RECORDS.steps, value, where);
      yield { where, group, steps, fault: end === "fault" };
    } else if (has("messages")) {
      const steps = chatSteps(validate(RECORDS.messages, value, where), text, where);
      if (steps.length === 0) throw new UserError(`${where}: no message of an assistant`);
      yield { where, group: where, steps, fault: false };
    } else if (has("tokens")) {
      const step = validate(RECORDS.tokens, value, where);
      yield { where, group: where, steps: [{ context: "append", ...step }], fault: false };
    } else {
      const found = has("length") ? "a list" : JSON.stringify(Object.keys(Object(value)));
      throw new UserError(
        `${where}: found ${found}, allowed: a record with "steps", "messages" or "tokens"`,
      );
    }
  }
}

type Chat = z.output<typeof RECORDS.messages>;

function chatSteps({ messages, tools }: Chat, text: ModelText, where: string) {
  if (text.template === undefined) return plainSteps(messages, text.tokenizer);
  try {
    return answersOf(messages, text.tokenizer, text.template, tools);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${where}: ${error.message}`, error.hint);
  }
}

function plainSteps(messages: Chat["messages"], tokenizer: Tokenizer): Demonstration["steps"] {
  const steps: Demonstration["steps"][number][] = [];
  let prompt: number[] = [];
  for (const { role, content } of messages) {
    const ids = tokenizer.encode(content);
    if (role !== "assistant") {
      prompt.push(...ids);
      continue;
    }
    const closed = ids.at(-1) === tokenizer.endOfTurn ? ids : [...ids, tokenizer.endOfTurn];
    steps.push({ context: "append", prompt_tokens: prompt, tokens: closed });
    prompt = [];
  }
  return steps;
}
