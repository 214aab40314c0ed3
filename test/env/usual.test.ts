import { expect, test } from "bun:test";
import { measuredSplit, usualFor, usualSplit } from "../../src/env/usual.ts";

test("where nobody names a split, the first that is usual and there is taken", () => {
  const generated = { train: [], validation: [], test: [], heldout: [] };
  const released = { valid_seen: [], valid_unseen: [], valid_train: [] };
  expect([usualSplit(generated), measuredSplit(generated)]).toEqual(["train", "heldout"]);
  expect([usualSplit(released), measuredSplit(released)]).toEqual(["valid_train", "valid_seen"]);
  const other = { mine: [] };
  expect([usualSplit(other), measuredSplit(other)]).toEqual(["mine", "mine"]);
});

test("a world that nobody knows has what TextCraft has; who opens it says so", () => {
  expect(usualFor("nowhere")).toEqual(usualFor("textcraft"));
  expect(usualFor("toString")).toEqual(usualFor("textcraft"));
});
