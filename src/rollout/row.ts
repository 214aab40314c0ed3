import {
  type BlockPool,
  blocksFor,
  type CachedSequence,
  emptySequence,
} from "../model/block-pool.ts";
import type { Drawn } from "../model/generate.ts";
import type { Extension } from "../model/generation-batch.ts";
import { TOKENS_PER_BLOCK } from "../ops/transformer/attention.ts";
import type { AgentEpisode } from "./agent.ts";

/** An opening that the episodes of a group share: its keys and values are computed once for all of them. */
export class SharedPrompt {
  /** All but the opening's last token. */
  readonly tokens: readonly number[];
  readonly sequence: CachedSequence = emptySequence();
  /** Rows that see it. */
  running = 0;
  /** Episodes of the group that are not over. */
  left: number;

  constructor(tokens: readonly number[], episodes: number) {
    this.tokens = tokens;
    this.left = episodes;
  }

  /** It has its blocks. */
  get placed(): boolean {
    return this.sequence.blocks.length > 0 || this.tokens.length === 0;
  }

  get extension(): Extension | undefined {
    const missing = this.sequence.used < this.tokens.length;
    return missing ? { pieces: [this.tokens], own: this.sequence } : undefined;
  }
}

/** An episode as the cache sees it: its opening, then tokens of its own. */
export class Row {
  /** Place among the planned episodes. */
  readonly place: number;
  readonly episode: AgentEpisode;
  readonly prompt: SharedPrompt;
  readonly own: CachedSequence = emptySequence();
  /** Tokens that it may have of its own: no more positions are known, or no more blocks exist. */
  #limit: number;
  readonly #longest: number;
  /** Its context is no longer the shared opening and what follows. */
  #alone = false;
  /** What was fed, in the pieces in which it was: after losing its blocks the row feeds the same again. */
  #fed: (readonly number[])[] = [];
  #fedTokens = 0;

  constructor(
    place: number,
    episode: AgentEpisode,
    prompt: SharedPrompt,
    room: { maxPositions: number; pool: BlockPool },
  ) {
    this.place = place;
    this.episode = episode;
    this.prompt = prompt;
    const prefix = prompt.tokens.length;
    const blocks = room.pool.count - blocksFor(prefix);
    this.#limit = Math.min(room.maxPositions - prefix, blocks * TOKENS_PER_BLOCK);
    this.#longest = Math.min(room.maxPositions, room.pool.count * TOKENS_PER_BLOCK);
    this.#checkRoom();
  }

  /** Tokens of its own once it has drawn as often as it may, up to `most` times. */
  reach(most: number): number {
    return this.#length + this.#draws(most) - 1;
  }

  extension(most: number): Extension {
    const { pending, plan, drawn } = this.episode;
    return {
      pieces: this.own.used === 0 ? [...this.#fed, pending] : [pending],
      own: this.own,
      ...(this.#seesPrompt ? { prefix: this.prompt.sequence } : {}),
      draw: { seed: plan.seed, index: drawn, count: this.#draws(most) },
    };
  }

  /** Takes what was drawn after `extension` was fed, up to the end of the turn; the rest is forgotten. */
  async take(drawn: readonly Drawn[]): Promise<void> {
    const { episode } = this;
    this.#remember(episode.pending);
    for (const [i, draw] of drawn.entries()) {
      await episode.take(draw);
      if (episode.fresh) this.#beginAnew();
      this.#checkRoom();
      const { done, pending } = episode;
      // The world answered, and the next draw did not know it.
      if (done || pending.length > 1 || i === drawn.length - 1) return;
      this.own.used++;
      this.#remember(pending);
    }
  }

  get #seesPrompt(): boolean {
    return !this.#alone && this.prompt.tokens.length > 0;
  }

  /** The next turn has a context of its own: what was fed before is not part of it. */
  #beginAnew(): void {
    this.own.used = 0;
    this.#fed = [];
    this.#fedTokens = 0;
    this.#alone = true;
    this.#limit = this.#longest;
  }

  get #length(): number {
    return this.#fedTokens + this.episode.pending.length;
  }

  #draws(most: number): number {
    return Math.min(most, this.#limit - this.#length + 1);
  }

  #remember(piece: readonly number[]): void {
    this.#fed.push(piece);
    this.#fedTokens += piece.length;
  }

  #checkRoom(): void {
    const { done } = this.episode;
    if (!done && this.#length > this.#limit) this.episode.truncate(this.#longest);
  }
}
