import { expect, test } from "bun:test";
import { hasSuccessor, noteLonelyGroups } from "../../src/algorithm/comparable.ts";
import { METHODS } from "../../src/algorithm/methods.ts";

const RELATIVE = METHODS.filter((name) => ["grpo", "dapo", "rloo", "gigpo"].includes(name));

test.each(RELATIVE)("%s refuses trajectories whose every group has one episode", (method) => {
  expect(() => noteLonelyGroups(method, ["a", "b"])).toThrow(
    `every group has one episode, but the method "${method}" compares`,
  );
  expect(noteLonelyGroups(method, ["a", "b", "a"])).toStartWith("1 of 2 groups have one episode");
  expect(noteLonelyGroups(method, ["a", "b", "a", "b"])).toBeUndefined();
  expect(noteLonelyGroups(method, [])).toBeUndefined();
});

test("reinforce compares no groups", () => {
  expect(noteLonelyGroups("reinforce", ["a", "b"])).toBeUndefined();
});

test("a step has a successor where it and the next one have tokens", () => {
  expect(hasSuccessor([[3], [2, 0, 4], [0, 1]])).toBe(false);
  expect(hasSuccessor([[3], [0, 2, 1]])).toBe(true);
  expect(hasSuccessor([])).toBe(false);
});
