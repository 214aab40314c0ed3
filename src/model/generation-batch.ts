import { invariant } from "../core/errors.ts";
import { QUERIES_PER_TILE, TOKENS_PER_BLOCK } from "../ops/transformer/attention.ts";
import type { CachedSequence } from "./block-pool.ts";
import { DRAW_WORDS } from "./generator-memory.ts";
import { pushQueryTiles, TILE_WORDS } from "./packing.ts";

/** New tokens of one sequence: what it continues, and what is to be drawn after them. */
export interface Extension {
  /**
   * The tokens, in the pieces in which they are fed for the first time. A token alone attends in the form for
   * decoding: a sequence that is fed again in the same pieces gets the same bits.
   */
  readonly pieces: readonly (readonly number[])[];
  readonly own: CachedSequence;
  /** Tokens computed once for several sequences, which all of them see first. */
  readonly prefix?: CachedSequence;
  /** How many tokens to draw, and where their randomness comes from: the first one's index. Absent: none. */
  readonly draw?: { readonly seed: number; readonly index: number; readonly count: number };
}

/** A stretch of a piece. */
interface Stretch {
  readonly tokens: readonly number[];
  readonly alone: boolean;
}

/** As much of an extension as one call feeds. */
export interface Portion extends Pick<Extension, "own" | "prefix" | "draw"> {
  readonly stretches: readonly Stretch[];
}

/** Cuts the work into calls of at most so many tokens and drawing sequences; a long sequence is fed in several. */
export function cutIntoCalls(
  extensions: readonly Extension[],
  most: { tokens: number; rows: number },
): Portion[][] {
  const calls: Portion[][] = [[]];
  let tokens = 0;
  let rows = 0;
  for (const { pieces, own, prefix, draw } of extensions) {
    const shared = prefix ? { own, prefix } : { own };
    let stretches: Stretch[] = [];
    const flush = () => {
      if (stretches.length > 0) calls.at(-1)!.push({ ...shared, stretches });
      stretches = [];
    };
    const needCall = () => {
      if (tokens < most.tokens && rows < most.rows) return;
      flush();
      calls.push([]);
      tokens = 0;
      rows = 0;
    };
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        needCall();
        const part = piece.slice(at, at + most.tokens - tokens);
        at += part.length;
        tokens += part.length;
        stretches.push({ tokens: part, alone: piece.length === 1 });
      }
    }
    if (draw) {
      invariant(stretches.length > 0, "a draw needs a token before it");
      calls.at(-1)!.push({ ...shared, stretches, draw });
      stretches = [];
      rows++;
    } else flush();
  }
  return calls;
}

/** What a call uploads. */
export interface Batch {
  readonly tokens: Uint32Array;
  readonly positions: Uint32Array;
  readonly slots: Uint32Array;
  /** Tiles of tokens that were fed together, and of those fed alone. */
  readonly tiles: Uint32Array;
  readonly singleTiles: Uint32Array;
  readonly table: Uint32Array;
  /** The row of each drawing sequence's last token. */
  readonly lastRows: Uint32Array;
  /** (draws, DRAW_WORDS, stride): see DrawMemory. */
  readonly plan: Uint32Array;
  /** Draws of the sequence that draws most, and of each. */
  readonly draws: number;
  readonly counts: readonly number[];
}

/** Lays a call out, and counts its tokens as used; its sequences must have their blocks. */
export function layOut(call: readonly Portion[], stride: number): Batch {
  const tokens: number[] = [];
  const positions: number[] = [];
  const slots: number[] = [];
  const tiles: number[] = [];
  const singleTiles: number[] = [];
  const lastRows: number[] = [];
  const counts = call.flatMap(({ draw }) => (draw ? [draw.count] : []));
  const draws = Math.max(0, ...counts);
  const plan = new Uint32Array(draws * DRAW_WORDS * stride);
  // A row that draws less often than others sees the one key that it writes to the spare block.
  const table = new BlockTable();
  for (const { stretches, own, prefix, draw } of call) {
    const prefixCount = prefix?.used ?? 0;
    const common = [prefix ? table.startOf(prefix) : 0, prefixCount, table.startOf(own)] as const;
    for (const { tokens: ids, alone } of stretches) {
      const first = own.used;
      const into = alone ? singleTiles : tiles;
      const size = alone ? 1 : QUERIES_PER_TILE;
      pushQueryTiles(into, size, tokens.length, ids.length, common, first);
      ids.forEach((id, i) => {
        tokens.push(id);
        positions.push(prefixCount + first + i);
        slots.push(slotOf(own, first + i));
      });
      own.used += ids.length;
    }
    if (!draw) continue;
    const row = lastRows.length;
    lastRows.push(tokens.length - 1);
    for (let d = 0; d < draws; d++) {
      const put = (word: number, width: number, ...values: number[]) =>
        plan.set(values, (d * DRAW_WORDS + word) * stride + row * width);
      put(2 + TILE_WORDS, 2, draw.seed, draw.index + d);
      if (d === 0) continue;
      const before = own.used + d - 1;
      const live = d < draw.count;
      put(0, 1, live ? prefixCount + before : 0);
      put(1, 1, live ? slotOf(own, before) : 0);
      const seen = live ? [...common, before] : [0, 0, 0, 0];
      put(2, TILE_WORDS, row, 1, ...seen);
    }
  }
  return {
    tokens: Uint32Array.from(tokens),
    positions: Uint32Array.from(positions),
    slots: Uint32Array.from(slots),
    tiles: Uint32Array.from(tiles),
    singleTiles: Uint32Array.from(singleTiles),
    table: table.entries(),
    lastRows: Uint32Array.from(lastRows),
    plan,
    draws,
    counts,
  };
}

function slotOf({ blocks }: CachedSequence, token: number): number {
  const block = blocks[Math.floor(token / TOKENS_PER_BLOCK)];
  invariant(block !== undefined, `token ${token} of a sequence with ${blocks.length} blocks`);
  return block * TOKENS_PER_BLOCK + (token % TOKENS_PER_BLOCK);
}

/** The blocks of a call's sequences, one sequence after another; the spare block stands first. */
class BlockTable {
  readonly #entries: number[] = [0];
  readonly #starts = new Map<CachedSequence, number>();

  startOf(sequence: CachedSequence): number {
    const known = this.#starts.get(sequence);
    if (known !== undefined) return known;
    const start = this.#entries.length;
    this.#starts.set(sequence, start);
    for (const block of sequence.blocks) this.#entries.push(block);
    return start;
  }

  entries(): Uint32Array {
    return Uint32Array.from(this.#entries);
  }
}
