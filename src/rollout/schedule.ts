import { invariant } from "../core/errors.ts";
import type { BlockPool } from "../model/block-pool.ts";
import type { Row, SharedPrompt } from "./row.ts";

/**
 * Which rows run, over a cache that may be too small for all of them. Rows begin in the order in which they
 * are admitted; when blocks run out, the youngest gives its own back and waits. The oldest always goes on.
 */
export class Schedule {
  /** The oldest first. */
  readonly running: Row[] = [];
  readonly #pool: BlockPool;
  readonly #rows: number;
  readonly #draws: number;
  readonly #waiting: Row[] = [];
  readonly #placed = new Set<SharedPrompt>();

  /** @param rows that run at most @param draws tokens that each draws in one call, at most */
  constructor(pool: BlockPool, { rows, draws }: { rows: number; draws: number }) {
    this.#pool = pool;
    this.#rows = rows;
    this.#draws = draws;
  }

  get hasRoom(): boolean {
    return this.running.length < this.#rows;
  }

  /** The row that waits longest, if any does: it is to be admitted before new ones. */
  next(): Row | undefined {
    return this.#waiting.shift();
  }

  /** Gives every running row the blocks for its next call, the oldest first; some may have to wait. */
  makeRoom(): void {
    for (let i = 0; i < this.running.length; i++) {
      const row = this.running[i]!;
      while (i < this.running.length && !this.#pool.grow(row.own, row.reach(this.#draws))) {
        if (!this.#dropPrompt()) this.#putBack(this.running.pop()!);
      }
    }
  }

  /** Lets a row run, or keeps it waiting when there are too few blocks. */
  admit(row: Row): boolean {
    const { prompt, own } = row;
    const reach = row.reach(this.#draws);
    const needed =
      this.#pool.lacking(own, reach) + this.#pool.lacking(prompt.sequence, prompt.tokens.length);
    // As many as the running rows may ask for next: else it would soon have to go again.
    const kept = this.running.length;
    while (needed + kept > this.#pool.free && this.#dropPrompt(prompt));
    if (needed + kept > this.#pool.free) {
      invariant(kept > 0, `a row alone needs ${needed} blocks of ${this.#pool.free}`);
      this.#waiting.unshift(row);
      return false;
    }
    this.#pool.grow(prompt.sequence, prompt.tokens.length);
    this.#pool.grow(own, reach);
    this.#placed.add(prompt);
    prompt.running++;
    this.running.push(row);
    return true;
  }

  /** Takes out the rows whose episodes are over. */
  takeFinished(): Row[] {
    const finished = this.running.filter(({ episode }) => episode.done);
    for (const row of finished) {
      this.running.splice(this.running.indexOf(row), 1);
      this.#pool.release(row.own);
      row.prompt.running--;
      this.leave(row);
    }
    return finished;
  }

  /** Counts an episode as over; its group's prompt goes with the last one. */
  leave({ prompt }: Row): void {
    prompt.left--;
    if (prompt.left === 0) this.#release(prompt);
  }

  #putBack(row: Row): void {
    this.#pool.release(row.own);
    row.prompt.running--;
    this.#waiting.unshift(row);
  }

  /** Gives back the blocks of a prompt that no running row sees; it is computed again for those that wait. */
  #dropPrompt(except?: SharedPrompt): boolean {
    for (const prompt of this.#placed) {
      if (prompt.running > 0 || prompt === except) continue;
      this.#release(prompt);
      return true;
    }
    return false;
  }

  #release(prompt: SharedPrompt): void {
    this.#pool.release(prompt.sequence);
    this.#placed.delete(prompt);
  }
}
