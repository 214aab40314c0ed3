import { expect, test } from "bun:test";
import { didYouMean, editDistance, nearest } from "../../src/core/nearest.ts";

test("edit distance counts insertions, deletions, substitutions and swaps", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("webshop", "webhsop")).toBe(1);
  expect(editDistance("same", "same")).toBe(0);
});

test("capitals and the kind of separator cost nothing", () => {
  expect(editDistance("Learning-Rate", "learning_rate")).toBe(0);
});

test("nearest finds what was meant, and nothing when nothing is close", () => {
  const known = ["textcraft", "webshop", "alfworld", "deepsearch"];
  expect(nearest("textcarft", known)).toBe("textcraft");
  expect(nearest("deep-search", known)).toBe("deepsearch");
  expect(nearest("chess", known)).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

test("the earlier of two equally near names wins", () => {
  expect(nearest("cat", ["bat", "hat"])).toBe("bat");
});

test("the hint asks, or is empty", () => {
  expect(didYouMean("texcraft", ["textcraft"])).toBe('did you mean "textcraft"?');
  expect(didYouMean("qqqqqq", ["textcraft"])).toBe("");
});
