/**
 * How retrieved passages are shown. Six programs have six ways; ours is Search-R1's unless asked otherwise. A
 * block that is too long loses words (of scripts without spaces, characters) from the end of its longest passages
 * first, then whole passages from the last, so that it always closes.
 */
import { contentsOf } from "../../retrieval/retriever.ts";
import { beginningFor, beginningOf, unitsOf } from "./cut-points.ts";
import { neutralize, type Protocol, R1_SEARCHER, STANDARD } from "./protocol.ts";
import type { CountTokens } from "./token-count.ts";

/** A passage as it is shown. */
export interface Document {
  /** Without its quotes; empty where the passage has none. */
  readonly title: string;
  readonly text: string;
  /** Where it came from, of retrievers that say so. */
  readonly url?: string | undefined;
}

export interface DocumentFormat {
  readonly protocol: Protocol;
  /** Passages a search shows, unless another number is asked for. */
  readonly topk: number;
  /** The observation for these documents, or for a remark in their place. */
  block(documents: readonly Document[], remark?: string): string;
}

/** ASearcher shows so many characters of a page. */
const PAGE_CHARACTERS = 5000;

const inJson = (text: string) => `{"result": ${JSON.stringify(text)}}`;

/** @param frame what stands before and after the block */
function format(
  topk: number,
  show: (document: Document, number: number) => string,
  {
    before = "\n\n",
    after = "\n\n",
    between = "",
    wrap = (text: string) => text.trim(),
    protocol = STANDARD,
  } = {},
): DocumentFormat {
  const [open, close] = protocol.information;
  return {
    topk,
    protocol,
    block(documents, remark) {
      const shown = documents.map((document, i) => show(document, i + 1));
      return `${before}${open}${wrap(remark ?? shown.join(between))}${close}${after}`;
    },
  };
}

const quoted = ({ title }: Document) => `"${title}"`;

/** By the name of the program; the first is the default. */
export const DOCUMENT_FORMATS: Readonly<Record<string, DocumentFormat>> = {
  "search-r1": format(3, (one, n) => `Doc ${n}(Title: ${quoted(one)}) ${one.text}\n`),
  verl: format(3, (one, n) => `Doc ${n} (Title: ${quoted(one)})\n${one.text}\n\n`, {
    wrap: (text) => inJson(text.trim()),
  }),
  skyrl: format(3, ({ title, text }, n) => `Doc ${n}: ${contentsOf(title, text)}\n`, {
    ...{ before: "\n", after: "\n", wrap: (text: string) => inJson(text.trim()) },
  }),
  zerosearch: format(5, ({ text }, n) => `Doc ${n}: ${text}\n`),
  "r1-searcher": format(5, ({ title, text }, n) => `(${n})${title}   ${text}\n`, {
    protocol: R1_SEARCHER,
  }),
  asearcher: format(
    5,
    ({ title, text, url }, n) =>
      `[Doc ${n}](${url ?? title}):\n${beginningOf(text, PAGE_CHARACTERS)}`,
    { between: "\n\n" },
  ),
};

/** What a block shows, and whether all of it. */
export interface Shown {
  readonly observation: string;
  /** Documents of which at least the title is there. */
  readonly documents: number;
  readonly truncated: boolean;
}

/**
 * The observation for documents, in at most `most` tokens; a block without any document is never shortened.
 * No tag of the protocol in them is one afterwards. The work is bounded by `most`, however long they are.
 */
export function observe(
  format: DocumentFormat,
  found: readonly Document[],
  { count, most }: { count: CountTokens; most: number },
): Shown {
  const { protocol } = format;
  const shownOf = (text: string) => neutralize(beginningFor(text, most), protocol);
  const documents = found.map(({ title, text, url }) => ({
    title: shownOf(title),
    text: shownOf(text),
    url: url === undefined ? undefined : shownOf(url),
  }));
  const isCut = found.some(({ title, text, url = "" }) =>
    [title, text, url].some((one) => beginningFor(one, most) !== one),
  );
  const fits = (some: readonly Document[]) => count(format.block(some)) <= most;
  if (fits(documents)) {
    return { observation: format.block(documents), documents: documents.length, truncated: isCut };
  }
  const untold = documents.map((document) => ({ ...document, text: "" }));
  const kept = largest(documents.length, (number) => fits(untold.slice(0, number)));
  const shortened = shorten(documents.slice(0, kept), fits);
  return { observation: format.block(shortened), documents: kept, truncated: true };
}

/** The documents, of which no text has more units than the highest limit with which all fit. */
function shorten(
  documents: readonly Document[],
  fits: (documents: readonly Document[]) => boolean,
): readonly Document[] {
  const units = documents.map(({ text }) => unitsOf(text));
  const limited = (limit: number) =>
    documents.map((document, i) => {
      const isLonger = units[i]!.length > limit;
      const end = isLonger ? (units[i]![limit - 1]?.end ?? 0) : document.text.length;
      return { ...document, text: document.text.slice(0, end) };
    });
  const most = Math.max(0, ...units.map(({ length }) => length));
  return limited(largest(most, (limit) => fits(limited(limit))));
}

/** The largest number up to `most` of which something holds that holds of all smaller ones and of 0; doubled up to. */
function largest(most: number, holds: (number: number) => boolean): number {
  let low = 0;
  let high = 1;
  while (high < most && holds(high)) {
    low = high;
    high *= 2;
  }
  high = Math.min(high, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
