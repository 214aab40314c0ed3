/** One request and its answer, or the error that says why there is none; it always ends. */

import { RetrieverError } from "./retriever.ts";

/** Time, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Aborts after so long. */
  timeout(ms: number): AbortSignal;
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms) => Bun.sleep(ms),
  timeout: (ms) => AbortSignal.timeout(ms),
};

export interface ExchangeLimits {
  /** Until the last byte of the answer. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  readonly clock: Clock;
}

/** Whoever answers so may answer better later. */
const PASSING: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** The server said something that is not worth asking again. */
export class Refused extends RetrieverError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The text that a server answers to a body of JSON.
 * @throws Refused for a status that will not pass; RetrieverError for too long an answer; any other error where
 *   another attempt may succeed
 */
export async function exchange(
  url: string,
  body: string,
  { timeoutMs, mostBytes, clock }: ExchangeLimits,
): Promise<string> {
  const signal = clock.timeout(timeoutMs);
  const tooLate = new Error(`no answer within ${timeoutMs} ms`);
  const late = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(tooLate);
    else signal.addEventListener("abort", () => reject(tooLate), { once: true });
  });
  late.catch(() => {});
  try {
    const headers = { "content-type": "application/json" };
    const sent = fetch(url, { method: "POST", headers, body, signal });
    // Aborted, it rejects when nobody waits for it any more.
    sent.catch(() => {});
    const response = await Promise.race([sent, late]);
    if (!response.ok) {
      void response.body?.cancel().catch(() => {});
      const said = `status ${response.status}`;
      throw PASSING.has(response.status) ? new Error(said) : new Refused(response.status, said);
    }
    return await readBody(response, late, mostBytes);
  } catch (error) {
    // Which of those that wait for the signal hears it first is chance.
    throw (error as Error | undefined)?.name === "TimeoutError" ? tooLate : error;
  }
}

/** The body, unless it is too long or too slow. */
async function readBody(
  response: Response,
  late: Promise<never>,
  mostBytes: number,
): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return new TextDecoder().decode(Buffer.concat(chunks));
      size += value.length;
      if (size > mostBytes) {
        throw new RetrieverError(`the answer has more than ${mostBytes} bytes`);
      }
      chunks.push(value);
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
