import { UserError } from "../../core/errors.ts";
import { DIALECTS, HttpRetriever } from "../../retrieval/http-retriever.ts";
import type { Retriever } from "../../retrieval/retriever.ts";
import type { Options } from "./options.ts";

/** The servers that search, where the options name some. */
export function serverOf(options: Options): Retriever | undefined {
  const dialect = options.choice("dialect", DIALECTS);
  const timeoutMs = 1000 * options.number("retriever_timeout_s", 30, 0);
  const urls = options.list("retriever")?.map((address) => {
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
