import { expect, test } from "bun:test";
import { Recent } from "../../src/core/recent.ts";

const held = (recent: Recent<string, number>) =>
  ["a", "b", "c", "d"].filter((key) => recent.get(key) !== undefined).join("");

test("the least recently asked for is forgotten first", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  expect(recent.get("a")).toBe(1);
  recent.set("c", 3);
  expect(held(recent)).toBe("ac");
});

test("what is set again is the newest, has its new value, and pushes nothing out", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("a", 3);
  expect(held(recent)).toBe("ab");
  recent.set("a", 4);
  recent.set("d", 5);
  expect([recent.get("a"), held(recent)]).toEqual([4, "ad"]);
});
