import { UserError } from "../../core/errors.ts";
import { HttpRetriever } from "../../retrieval/http-retriever.ts";
import type { Retriever } from "../../retrieval/retriever.ts";
import type { DeepSearchOptions } from "./options.ts";

/** The servers that search, where the options name some. */
export function serverOf(options: DeepSearchOptions): Retriever | undefined {
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
  return urls && new HttpRetriever(urls, { dialect, timeoutMs });
}
