/**
 * A retriever behind HTTP, in the dialects of Search-R1 (verl's and ASearcher's are the same) and SkyRL.
 *
 * A request that meets no server, no answer in time, or status 500, 502, 503 or 504 is made again after 1 s,
 * 2 s, 3 s …, up to ten times, at the next of several servers. Any other answer that is no answer is an error
 * at once: another status, broken JSON, another number of lists than queries, more bytes than it may have. Where
 * whoever asks waits only so long, no attempt goes beyond that.
 */

import { CLOCK, type Clock, type ExchangeLimits, exchange, Refused } from "./http-exchange.ts";
import { type FoundPassage, type Retriever, RetrieverError } from "./retriever.ts";
import { readAnswer } from "./server-answer.ts";

/** `search-r1` sends a list of queries, `skyrl` one at a time; `auto` finds out. */
export const DIALECTS = ["auto", "search-r1", "verl", "skyrl"] as const;
export type Dialect = (typeof DIALECTS)[number];

export interface HttpOptions {
  readonly dialect?: Dialect;
  /** For one attempt, its whole answer included. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  /** For a whole search, however many requests and attempts it takes; absent: no limit. */
  readonly withinMs?: number;
  readonly mostBytes?: number;
  readonly clock?: Clock;
}

const MOST_QUERIES = 256;
/** Requests of the dialect that takes one query, side by side. */
const SIDE_BY_SIDE = 16;
const OTHER_FORM: ReadonlySet<number> = new Set([400, 422]);

export class HttpRetriever implements Retriever {
  readonly #urls: readonly string[];
  readonly #limits: ExchangeLimits;
  readonly #attempts: number;
  readonly #withinMs: number;
  #dialect: Dialect;
  #requests = 0;

  /** @param urls whole addresses, such as http://127.0.0.1:8000/retrieve; used in turn */
  constructor(urls: readonly string[], options: HttpOptions = {}) {
    this.#urls = urls;
    this.#dialect = options.dialect ?? "auto";
    this.#limits = {
      timeoutMs: options.timeoutMs ?? 30_000,
      mostBytes: options.mostBytes ?? 64 * 2 ** 20,
      clock: options.clock ?? CLOCK,
    };
    this.#attempts = options.attempts ?? 10;
    this.#withinMs = options.withinMs ?? Number.POSITIVE_INFINITY;
  }

  async search(queries: readonly string[], k: number): Promise<(readonly FoundPassage[])[]> {
    const until = this.#limits.clock.now() + this.#withinMs;
    const distinct = [...new Set(queries)];
    const found = new Map<string, readonly FoundPassage[]>();
    for (let at = 0; at < distinct.length; at += MOST_QUERIES) {
      const asked = distinct.slice(at, at + MOST_QUERIES);
      const lists = await this.#ask(asked, k, until);
      asked.forEach((query, i) => {
        found.set(query, lists[i]!.slice(0, k));
      });
    }
    return queries.map((query) => found.get(query)!);
  }

  async #ask(queries: readonly string[], k: number, until: number): Promise<FoundPassage[][]> {
    if (this.#dialect === "skyrl") return this.#askOneByOne(queries, k, until);
    const body = { queries, topk: k, return_scores: true };
    try {
      const lists = await this.#post(body, queries.length, until);
      this.#dialect = "search-r1";
      return lists;
    } catch (error) {
      const isOther = error instanceof Refused && OTHER_FORM.has(error.status);
      if (this.#dialect !== "auto" || !isOther) throw error;
    }
    const lists = await this.#askOneByOne(queries, k, until);
    this.#dialect = "skyrl";
    return lists;
  }

  async #askOneByOne(
    queries: readonly string[],
    k: number,
    until: number,
  ): Promise<FoundPassage[][]> {
    const lists: FoundPassage[][] = [];
    for (let at = 0; at < queries.length; at += SIDE_BY_SIDE) {
      const some = queries.slice(at, at + SIDE_BY_SIDE);
      const answers = await Promise.all(
        some.map(async (query) => {
          const body = { query, topk: k, return_scores: true };
          return (await this.#post(body, 1, until))[0]!;
        }),
      );
      lists.push(...answers);
    }
    return lists;
  }

  /** The lists of the answer, so many. @param until when nobody waits for them any more */
  async #post(body: object, count: number, until: number): Promise<FoundPassage[][]> {
    const { clock, timeoutMs } = this.#limits;
    const turn = this.#requests++;
    const text = JSON.stringify(body);
    let failure = `${this.#urls[turn % this.#urls.length]}: not asked`;
    for (let attempt = 1; attempt <= this.#attempts; attempt++) {
      const delay = (attempt - 1) * 1000;
      if (clock.now() + delay >= until) {
        const made = attempt === 2 ? "1 attempt" : `${attempt - 1} attempts`;
        throw new RetrieverError(
          `${failure} (${made}; another would end after the ${this.#withinMs} ms that a search may take)`,
        );
      }
      if (delay > 0) await clock.sleep(delay);
      const url = this.#urls[(turn + attempt - 1) % this.#urls.length]!;
      const left = Math.max(1, Math.min(timeoutMs, Math.floor(until - clock.now())));
      try {
        return readAnswer(await exchange(url, text, { ...this.#limits, timeoutMs: left }), count);
      } catch (error) {
        const reason = `${url}: ${error instanceof Error ? error.message : String(error)}`;
        if (error instanceof Refused) throw new Refused(error.status, reason);
        if (error instanceof RetrieverError) throw new RetrieverError(reason);
        failure = reason;
      }
    }
    throw new RetrieverError(`${failure} (${this.#attempts} attempts)`);
  }
}
