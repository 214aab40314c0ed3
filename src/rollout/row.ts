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

  /** What is left to compute of it. */
  get extension(): Extension | undefined {
    const missing = this.sequence.used < this.tokens.length;
    return missing ? { pieces: [this.tokens], own: this.sequence } : undefined;
  }
}

/** What bounds a context. */
export interface Room {
  readonly maxPositions: number;
  readonly pool: BlockPool;
}

/** An episode as the cache sees it: its group's opening, then tokens of its own. */
export class Row {
  /** Place among the planned episodes. */
  readonly place: number;
  readonly episode: AgentEpisode;
  readonly group: SharedPrompt;
  /** The group's opening while the context begins with it; a context that was begun afresh is the row's own. */
  prompt: SharedPrompt | undefined;
  readonly own: CachedSequence = emptySequence();
  readonly #room: Room;
  /** What was fed, in the pieces in which it was: after losing its blocks the row feeds the same again. */
  #fed: (readonly number[])[] = [];
  #fedTokens = 0;

  constructor(place: number, episode: AgentEpisode, group: SharedPrompt, room: Room) {
    this.place = place;
    this.episode = episode;
    this.group = group;
    this.prompt = group;
    this.#room = room;
    this.#checkRoom();
  }

  /** Tokens of its own once it has drawn as often as it may, up to `most` times. */
  reach(most: number): number {
    return this.#length + this.#draws(most) - 1;
  }

  extension(most: number): Extension {
    const { pending, plan, drawn } = this.episode;
    const { prompt } = this;
    return {
      pieces: this.own.used === 0 ? [...this.#fed, pending] : [pending],
      own: this.own,
      ...(prompt && prompt.tokens.length > 0 ? { prefix: prompt.sequence } : {}),
      draw: { seed: plan.seed, index: drawn, count: this.#draws(most) },
    };
  }

  /** Takes what was drawn after `extension` was fed, up to the end of the turn; the rest is forgotten. */
  async take(drawn: readonly Drawn[]): Promise<void> {
    const { episode } = this;
    this.#remember(episode.pending);
    for (const [i, draw] of drawn.entries()) {
      await episode.take(draw);
      if (episode.fresh) this.#beginAfresh();
      this.#checkRoom();
      const { done, fresh, pending } = episode;
      // The world answered, and the next draw did not know it.
      if (done || fresh || pending.length > 1 || i === drawn.length - 1) return;
      this.own.used++;
      this.#remember(pending);
    }
  }

  /** Forgets the context; its blocks are written over. */
  #beginAfresh(): void {
    this.#fed = [];
    this.#fedTokens = 0;
    this.own.used = 0;
    if (this.prompt) this.prompt.running--;
    this.prompt = undefined;
  }

  get #length(): number {
    return this.#fedTokens + this.episode.pending.length;
  }

  #draws(most: number): number {
    return Math.min(most, this.#most - this.#length + 1);
  }

  #remember(piece: readonly number[]): void {
    this.#fed.push(piece);
    this.#fedTokens += piece.length;
  }

  /** Tokens that it may have of its own: no more positions are known, or no more blocks exist. */
  get #most(): number {
    const { maxPositions, pool } = this.#room;
    const prefix = this.prompt?.tokens.length ?? 0;
    return Math.min(maxPositions - prefix, (pool.count - blocksFor(prefix)) * TOKENS_PER_BLOCK);
  }

  #checkRoom(): void {
    if (this.episode.done || this.#length <= this.#most) return;
    this.episode.truncate(this.#most + (this.prompt?.tokens.length ?? 0));
  }
}
