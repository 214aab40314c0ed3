import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { taskListHash } from "../../src/env/task-list.ts";

test("a task list's fingerprint is the SHA-256 of its lines", () => {
  const whole = createHash("sha256").update("stick\noak fence\n").digest("hex");
  expect(taskListHash(["stick", "oak fence"])).toBe(whole.slice(0, 12));
});

test("order and boundaries count", () => {
  const lists = [["a", "b"], ["b", "a"], ["a\nb"], ["ab"], ["a"], []];
  const hashes = lists.map(taskListHash);
  // "a\nb" as one id reads like two; ids hold no newline.
  expect(new Set(hashes).size).toBe(lists.length - 1);
});
