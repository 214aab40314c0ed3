import { invariant } from "../core/errors.ts";
import { TOKENS_PER_BLOCK } from "../ops/transformer/attention.ts";

/** The keys and values of one sequence: in these blocks of the cache, in order. */
export interface CachedSequence {
  readonly blocks: number[];
  /** Tokens that count; what lies behind them is written over. */
  used: number;
}

export function emptySequence(): CachedSequence {
  return { blocks: [], used: 0 };
}

/** Blocks that so many tokens take. */
export function blocksFor(tokens: number): number {
  return Math.ceil(tokens / TOKENS_PER_BLOCK);
}

/** Which blocks of a cache are free. Block 0 belongs to nobody: rows with nothing to say write there. */
export class BlockPool {
  /** Blocks that sequences can have, all together. */
  readonly count: number;
  #free: number[] = [];

  constructor(count: number) {
    this.count = count;
    this.clear();
  }

  get free(): number {
    return this.#free.length;
  }

  /** Blocks that a sequence lacks for so many tokens. */
  lacking({ blocks }: CachedSequence, tokens: number): number {
    return Math.max(blocksFor(tokens) - blocks.length, 0);
  }

  /** Makes room for so many tokens; changes nothing and says false when too few blocks are free. */
  grow(sequence: CachedSequence, tokens: number): boolean {
    const lacking = this.lacking(sequence, tokens);
    if (lacking > this.#free.length) return false;
    for (let i = 0; i < lacking; i++) sequence.blocks.push(this.#free.pop()!);
    return true;
  }

  /** Forgets a sequence; it may begin again. */
  release(sequence: CachedSequence): void {
    this.#free.push(...sequence.blocks.splice(0).toReversed());
    sequence.used = 0;
    invariant(this.#free.length <= this.count, "blocks were given back twice");
  }

  /** Forgets all sequences. */
  clear(): void {
    this.#free = Array.from({ length: this.count }, (_, i) => this.count - i);
  }
}
