import { UserError } from "../core/errors.ts";
import { emptySequence } from "../model/block-pool.ts";
import type { Drawn, Generator } from "../model/generate.ts";
import { TOKENS_PER_BLOCK } from "../ops/transformer/attention.ts";
import type { SamplingOptions } from "../ops/transformer/sample.ts";
import { Conversation } from "../text/conversation.ts";
import type { ModelText } from "../text/model-text.ts";

/** A sampled token with the characters that it completes; a character of several tokens comes with its last. */
export interface SpokenToken extends Drawn {
  readonly text: string;
}

export interface ChatOptions {
  readonly system: string;
  readonly seed: number;
  readonly sampling: SamplingOptions;
  /** A longer answer is cut off. */
  readonly maxTokens: number;
  /** Tokens that a conversation may have. */
  readonly maxPositions: number;
}

/** A conversation with a model: one sequence that grows with every turn. Without a chat template texts follow one another. */
export class ChatSession {
  readonly #generator: Generator;
  readonly #text: ModelText;
  readonly #options: ChatOptions;
  readonly #conversation: Conversation | undefined;
  readonly #own = emptySequence();
  /** Drawn, and not yet fed. */
  #pending: readonly number[] = [];
  #drawn = 0;
  /** Without a chat template: what has been said and answered. */
  readonly #read: number[] = [];

  constructor(generator: Generator, text: ModelText, options: ChatOptions) {
    this.#generator = generator;
    this.#text = text;
    this.#options = options;
    const { tokenizer, template } = text;
    if (template) this.#conversation = new Conversation(tokenizer, template, options.system);
    else {
      this.#pending = tokenizer.encode(options.system);
      this.#read.push(...this.#pending);
    }
  }

  /** All tokens of the conversation so far, the model's own and the others'. */
  get ids(): readonly number[] {
    return this.#conversation?.ids ?? this.#read;
  }

  /** What the model answers, token by token. @throws UserError when the conversation has no room left */
  async *answer(said: string): AsyncGenerator<SpokenToken> {
    const { tokenizer } = this.#text;
    const heard = this.#conversation?.hear(said) ?? tokenizer.encode(`${said}\n`);
    this.#read.push(...heard);
    let pieces = [[...this.#pending, ...heard]];
    const ids: number[] = [];
    const stream = tokenizer.stream();
    let stopped = false;
    while (!stopped) {
      const count = Math.min(this.#generator.size.draws, this.#options.maxTokens - ids.length);
      const drawn = await this.#draw(pieces, count);
      const stop = drawn.findIndex(({ token }) => tokenizer.stops.has(token));
      const kept = stop < 0 ? drawn : drawn.slice(0, stop + 1);
      this.#own.used += kept.length - 1;
      this.#drawn += kept.length;
      for (const token of kept) {
        ids.push(token.token);
        const silent = tokenizer.stops.has(token.token) && tokenizer.isAdded(token.token);
        yield { ...token, text: silent ? "" : stream.push(token.token) };
      }
      pieces = [[kept.at(-1)!.token]];
      stopped = stop >= 0 || ids.length >= this.#options.maxTokens;
    }
    this.#pending = pieces[0]!;
    this.#read.push(...ids);
    const end = ids.at(-1)!;
    const silent = tokenizer.stops.has(end) && tokenizer.isAdded(end);
    this.#conversation?.speak(ids, tokenizer.decode(silent ? ids.slice(0, -1) : ids));
  }

  async #draw(pieces: readonly (readonly number[])[], count: number): Promise<readonly Drawn[]> {
    const { seed, sampling, maxPositions } = this.#options;
    const room = Math.min(maxPositions, this.#generator.pool.count * TOKENS_PER_BLOCK);
    const fed = pieces.reduce((sum, piece) => sum + piece.length, this.#own.used);
    if (fed + count - 1 > room) {
      const problem = `the conversation has ${fed} tokens, there is room for ${room}`;
      throw new UserError(problem, "begin a new one");
    }
    const draw = { seed, index: this.#drawn, count };
    const [drawn] = await this.#generator.extend([{ pieces, own: this.#own, draw }], sampling);
    return drawn!;
  }
}
