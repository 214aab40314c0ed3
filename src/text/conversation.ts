/**
 * A conversation in tokens, put together turn by turn: what the policy sampled stands in it as the ids
 * that were sampled, everything else is the template's text. Nothing sampled is ever encoded again, so
 * a template that shows earlier turns otherwise (without their reasoning, say) changes no id that stands.
 */
import { UserError } from "../core/errors.ts";
import type { ChatMessage, ChatTemplate } from "./chat-template.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Characters that no text may contain, by their definition in Unicode. */
const FIRST_GUARD = 0xfdd0;
const LAST_GUARD = 0xfdef;

export class Conversation {
  readonly #tokenizer: Tokenizer;
  readonly #template: ChatTemplate;
  readonly #messages: ChatMessage[] = [];
  readonly #ids: number[] = [];
  readonly #sampled: boolean[] = [];

  /** @param system standing instructions; where they are empty the template may have its own */
  constructor(tokenizer: Tokenizer, template: ChatTemplate, system = "") {
    this.#tokenizer = tokenizer;
    this.#template = template;
    if (system !== "") this.#messages.push({ role: "system", content: system });
  }

  /** All tokens so far. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  /** For each of `ids`, whether the policy sampled it. */
  get sampled(): readonly boolean[] {
    return this.#sampled;
  }

  /**
   * Another speaks, and the policy's turn begins.
   * @param content anybody's text: no added token in it is one
   * @returns the template's tokens that come before what is sampled next
   */
  hear(content: string): number[] {
    const earlier = this.#messages.at(-1);
    this.#messages.push({ role: "user", content });
    const ids = earlier?.role === "assistant" ? this.#between() : this.#beginning();
    this.#append(ids, false);
    return ids;
  }

  /**
   * The policy spoke.
   * @param ids as sampled, with the token that ended the turn if one did
   * @param content their text without that token
   */
  speak(ids: readonly number[], content: string): void {
    this.#messages.push({ role: "assistant", content });
    this.#append(ids, true);
  }

  #append(ids: readonly number[], sampled: boolean): void {
    for (const id of ids) {
      this.#ids.push(id);
      this.#sampled.push(sampled);
    }
  }

  #beginning(): number[] {
    const guard = unusedGuard(this.#messages);
    return this.#tokenizer.encodeMarkup(this.#render(this.#messages, guard), guard);
  }

  /** What the template puts behind the last turn that was sampled; its end, where that was sampled, not again. */
  #between(): number[] {
    const guard = unusedGuard(this.#messages);
    // The turn itself is not read back: a character that stands for it shows where it ends.
    const mark = unusedGuard(this.#messages, guard);
    const messages = this.#messages.with(-2, { role: "assistant", content: mark });
    const text = this.#render(messages, guard);
    const at = text.lastIndexOf(mark);
    if (at < 0) {
      throw new UserError(
        "the chat template does not show what an assistant says in earlier turns",
      );
    }
    const ids = this.#tokenizer.encodeMarkup(text.slice(at + mark.length), guard);
    const last = this.#ids.at(-1)!;
    return ids[0] === last && this.#tokenizer.stops.has(last) ? ids.slice(1) : ids;
  }

  #render(messages: readonly ChatMessage[], guard: string): string {
    return this.#template(guarded(messages, this.#tokenizer, guard), { addGenerationPrompt: true });
  }
}

/** The messages, with nothing in them that a tokenizer takes for an added token. */
export function guarded(
  messages: readonly ChatMessage[],
  tokenizer: Tokenizer,
  guard: string,
): ChatMessage[] {
  return messages.map((message) =>
    typeof message.content === "string"
      ? { ...message, content: tokenizer.breakUp(message.content, guard) }
      : message,
  );
}

/** A character that stands in none of the messages. @throws UserError where every such character does */
export function unusedGuard(messages: readonly ChatMessage[], taken = ""): string {
  const text = taken + JSON.stringify(messages);
  for (let code = FIRST_GUARD; code <= LAST_GUARD; code++) {
    const guard = String.fromCharCode(code);
    if (!text.includes(guard)) return guard;
  }
  throw new UserError("a message holds every one of the characters U+FDD0 to U+FDEF");
}
