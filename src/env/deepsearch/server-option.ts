import { UserError } from "../../core/errors.ts";
import { HttpRetriever } from "../../retrieval/http-retriever.ts";
import type { Retriever } from "../../retrieval/retriever.ts";
import type { DeepSearchOptions } from "./options.ts";

/** Of the time that an answer may take; the rest is for everything that is not the search. */
const SHARE_OF_TIME = 0.9;

/**
 * The servers that search, where the options name some.
 * @param answerMs time for a whole turn of the world: no search goes beyond it, so that a server that is lost is a
 *   search that failed and not a fault; absent: no limit
 */
export function serverOf(options: DeepSearchOptions, answerMs?: number): Retriever | undefined {
  const { dialect } = options;
  const timeoutMs = 1000 * options.retrieverTimeoutS;
  const urls = options.retriever?.map((address) => {
    const url = URL.parse(address);
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw new UserError(
        `deepsearch: option retriever: expected an address such as http://127.0.0.1:8000/retrieve, found "${address}"`,
      );
    }
    if (url.pathname === "/") url.pathname = "/retrieve";
    return url.href;
  });
  const within = answerMs === undefined ? {} : { withinMs: Math.floor(SHARE_OF_TIME * answerMs) };
  return urls && new HttpRetriever(urls, { dialect, timeoutMs, ...within });
}
