import { expect, test } from "bun:test";
import { lazyRecord } from "../../src/core/lazy-record.ts";

test("a value is made when it is first read, once; names and their presence cost nothing", () => {
  const made: string[] = [];
  const record = lazyRecord(["a", "b"], (name) => {
    made.push(name);
    return `${name}!`;
  });
  expect([Object.keys(record), Object.hasOwn(record, "b"), "c" in record]).toEqual([
    ["a", "b"],
    true,
    false,
  ]);
  expect(made).toEqual([]);
  expect([record.b, record.b, record.c]).toEqual(["b!", "b!", undefined]);
  expect(made).toEqual(["b"]);
  expect(record).toEqual({ a: "a!", b: "b!" });
  expect(made).toEqual(["b", "a"]);
});
