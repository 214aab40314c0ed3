/**
 * The assistant's turns of a recorded conversation, each with what stands before it, as a chat template
 * writes them. Where the template shows earlier turns otherwise later on, a turn has a context of its own.
 */
import { UserError } from "../core/errors.ts";
import type { ChatMessage, ChatTemplate } from "./chat-template.ts";
import { guarded, unusedGuard } from "./conversation.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** One turn to learn: its tokens, and those that come before it. */
export interface Answer {
  /** `append`: after everything before it; `fresh`: after `prompt_tokens` alone. */
  readonly context: "append" | "fresh";
  readonly prompt_tokens: readonly number[];
  readonly tokens: readonly number[];
}

/**
 * @param messages added tokens count in what an assistant says, in nobody else's words
 * @throws UserError where the template does not put a turn behind what it announced
 */
export function answersOf(
  messages: readonly ChatMessage[],
  tokenizer: Tokenizer,
  template: ChatTemplate,
  tools?: readonly unknown[],
): Answer[] {
  const guard = unusedGuard(messages);
  const others = guarded(messages, tokenizer, guard);
  const shown = messages.map((m, i) => (m.role === "assistant" ? m : others[i]!));
  const encode = (text: string) => tokenizer.encodeMarkup(text, guard);
  const answers: Answer[] = [];
  let before = "";
  for (const [i, { role }] of shown.entries()) {
    if (role !== "assistant") continue;
    const prompt = template(shown.slice(0, i), { tools, addGenerationPrompt: true });
    const whole = template(shown.slice(0, i + 1), { tools });
    if (!whole.startsWith(prompt)) {
      throw new UserError(
        `messages[${i}]: the chat template writes something else before this turn than it announced`,
        "what was said cannot be told from what the template added",
      );
    }
    const { text, ids } = closed(whole.slice(prompt.length), tokenizer, encode);
    const continues = answers.length > 0 && prompt.startsWith(before);
    answers.push({
      context: continues || answers.length === 0 ? "append" : "fresh",
      prompt_tokens: encode(continues ? prompt.slice(before.length) : prompt),
      tokens: ids,
    });
    before = prompt + text;
  }
  return answers;
}

/** A turn up to the token that ends it, which is added where the template has none. */
function closed(text: string, tokenizer: Tokenizer, encode: (text: string) => number[]) {
  const ids = encode(text);
  const end = ids.findLastIndex((id) => tokenizer.stops.has(id));
  if (end < 0) return { text, ids: [...ids, tokenizer.endOfTurn] };
  const rest = tokenizer.decode(ids.slice(end + 1));
  return { text: text.slice(0, text.length - rest.length), ids: ids.slice(0, end + 1) };
}
