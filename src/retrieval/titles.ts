import type { PassageStore } from "./passage-store.ts";
import { titleAndText } from "./retriever.ts";

/** A larger collection is not read through for its titles. */
const MOST_PASSAGES = 1_000_000;

/** Passage id → title; all are read when the first is asked for. */
export function titlesOf(passages: PassageStore): (id: string) => string | undefined {
  let titles: Map<string, string> | undefined;
  return (id) => {
    if (passages.count > MOST_PASSAGES) return undefined;
    titles ??= new Map(
      Array.from({ length: passages.count }, (_, i) => {
        const { id, contents } = passages.read(i);
        return [id, titleAndText(contents).title] as const;
      }),
    );
    return titles.get(id);
  };
}
