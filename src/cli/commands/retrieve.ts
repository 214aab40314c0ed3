/** `empg retrieve`: passages for queries, at once or as a server that other frameworks can use. */

import { UserError } from "../../core/errors.ts";
import { formatCount } from "../../core/format.ts";
import { corpusFiles } from "../../env/deepsearch/data.ts";
import { generateWorld } from "../../env/deepsearch/generated/generated.ts";
import { Bm25Retriever } from "../../retrieval/bm25-retriever.ts";
import { type CorpusOptions, openCorpus } from "../../retrieval/open-corpus.ts";
import { respond } from "../../retrieval/retrieval-requests.ts";
import { titleAndText } from "../../retrieval/retriever.ts";
import { isSaved, openSaved } from "../../retrieval/saved-corpus.ts";
import { defineCommand, type Io } from "../command.ts";
import { list, number, operand, text, toggle } from "../flags.ts";

export const command = defineCommand({
  name: "retrieve",
  summary: "find passages, or serve them over HTTP as Search-R1's and SkyRL's clients expect",
  operands: { queries: operand.any("what to look for") },
  flags: {
    data: text("DIR", "a directory with a corpus; absent: the passages of the generated world"),
    corpus: list("FILE", "passages: .jsonl or .tsv, .gz or .zst; instead of --data"),
    index: text("DIR", "the index is opened from there where it is, else left there"),
    limit: number("N", "only the first so many passages", { type: "integer", minimum: 1 }),
    sample: number("N", "so many passages at random", { type: "integer", minimum: 1 }),
    ids: text("FILE", "the passages with these ids, one a line, whatever else is taken"),
    titles: text("FILE", "the same by title"),
    k1: number("K", "BM25: how soon further occurrences stop counting", {
      minimum: 0,
      fallback: 0.9,
    }),
    b: number("B", "BM25: how much long passages are held back", {
      minimum: 0,
      maximum: 1,
      fallback: 0.4,
    }),
    topk: number("N", "passages for a query that does not say how many", {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      fallback: 3,
    }),
    serve: toggle("answer POST /retrieve and GET /health until it is interrupted"),
    port: number("N", "where to listen; 0: a free one", {
      type: "integer",
      minimum: 0,
      maximum: 65_535,
      fallback: 8000,
    }),
    host: text("NAME", "which address to listen on", { fallback: "127.0.0.1" }),
  },
  interruptible: true,
  async run({ queries, serve, topk, json, host, port, ...where }, io) {
    if (serve === queries.length > 0) {
      throw new UserError("retrieve: name queries, or --serve, and not both");
    }
    const retriever = await open(where, io);
    if (serve) return await serveUntilInterrupted(retriever, { topk, host, port }, io);
    const found = await retriever.search(queries, topk);
    if (json) {
      io.out(JSON.stringify(queries.map((query, i) => ({ query, passages: found[i] }))));
      return;
    }
    for (const [i, query] of queries.entries()) {
      if (queries.length > 1) io.out(`# ${query}`);
      for (const { id, contents, score } of found[i]!) {
        const { title, text: body } = titleAndText(contents);
        io.out(`${score!.toFixed(3)}  ${id}  ${title}\n  ${body}`);
      }
      if (found[i]!.length === 0) io.note("no passage was found");
    }
  },
});

interface Where {
  readonly data: string | undefined;
  readonly corpus: readonly string[];
  readonly index: string | undefined;
  readonly limit: number | undefined;
  readonly sample: number | undefined;
  readonly ids: string | undefined;
  readonly titles: string | undefined;
  readonly k1: number;
  readonly b: number;
}

async function open(where: Where, io: Io): Promise<Bm25Retriever> {
  const { data, corpus, index, limit, sample, ids, titles, k1, b } = where;
  const ranking = { k1, b };
  if (data !== undefined && corpus.length > 0) {
    throw new UserError("retrieve: --data or --corpus, not both");
  }
  const files = data === undefined ? [...corpus] : corpusFiles(data, undefined);
  if (files.length === 0) {
    if (data !== undefined) {
      throw new UserError(
        `${data}: no corpus`,
        "expected corpus.jsonl, wiki-18.jsonl or psgs_w100.tsv (.gz, .zst), or name files with --corpus",
      );
    }
    // An index knows by itself what it is of, but not whether it is of what is chosen here.
    const chooses = [limit, sample, ids, titles].some((one) => one !== undefined);
    if (index !== undefined && isSaved(index) && !chooses) {
      const saved = await openSaved(index);
      return new Bm25Retriever(saved.index.withRanking(ranking), saved.passages);
    }
  }
  const options: CorpusOptions = {
    ...{ limit, sample, idsFile: ids, titlesFile: titles, saved: index, ranking },
  };
  const passages = () => generateWorld().passages;
  return await openCorpus(
    files.length > 0 ? { files } : { passages: passages() },
    options,
    io.note,
  );
}

async function serveUntilInterrupted(
  retriever: Bm25Retriever,
  { topk, host, port }: { topk: number; host: string; port: number },
  io: Io,
): Promise<void> {
  const { documentCount, termCount, totalLength, averageLength, options } = retriever.index;
  const health = {
    status: "ok",
    passages: documentCount,
    terms: termCount,
    tokens: totalLength,
    average_length: averageLength,
    k1: options.k1,
    b: options.b,
    topk,
  };
  const served = { retriever, topk, health };
  let server: Bun.Server<undefined>;
  try {
    server = Bun.serve({
      ...{ hostname: host, port },
      // Too large a body is answered as every other mistake is, not by Bun.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch: (request) => respond(request, served),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot listen on ${host}:${port}: ${reason}`, "name another --port");
  }
  io.note(`serving ${formatCount(documentCount)} passages on ${server.url}retrieve`);
  await new Promise<void>((resolve) => {
    if (io.interrupted.aborted) resolve();
    else io.interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
  await server.stop(true);
}
