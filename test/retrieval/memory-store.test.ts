import { expect, test } from "bun:test";
import fc from "fast-check";
import { MemoryStore } from "../../src/retrieval/memory-store.ts";

const text = fc.string({ unit: "binary", maxLength: 40 });

test("gives back every passage as it was, in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: text, contents: text })), (passages) => {
      const store = new MemoryStore(passages);
      expect(store.count).toBe(passages.length);
      for (const document of [...passages.keys()].reverse()) {
        expect(store.read(document)).toEqual(passages[document]!);
      }
    }),
  );
});

test("passages of any size share pages, or have one of their own", () => {
  const passages = Array.from({ length: 900 }, (_, i) => ({
    id: `${i}`,
    contents: `\ufeff${"€".repeat(i % 100 === 7 ? 500_000 : i)}`,
  }));
  const store = new MemoryStore(passages);
  for (const [document, { id, contents }] of passages.entries()) {
    const read = store.read(document);
    expect(read.id).toBe(id);
    expect(read.contents === contents).toBe(true);
  }
});
