import { expect, test } from "bun:test";
import { iterationsLeft, noteIterations } from "../../src/train/budget.ts";

const BUDGET = { iterations: 100, token_budget: 1000 };

test("what is left of a token budget goes by what an iteration generates", () => {
  expect(iterationsLeft(BUDGET, { iteration: 2, tokens: 200 }, [80, 120])).toBe(8);
  expect(iterationsLeft(BUDGET, { iteration: 2, tokens: 201 }, [80, 121])).toBe(8);
  expect(
    iterationsLeft({ ...BUDGET, iterations: 5 }, { iteration: 2, tokens: 200 }, [80, 120]),
  ).toBe(3);
  expect(iterationsLeft(BUDGET, { iteration: 2, tokens: 1000 }, [500, 500])).toBe(0);
});

test("tokens that a rollback undid are spent, but no iteration that is left takes as many", () => {
  // Six iterations of 100, of which the last four were undone.
  expect(iterationsLeft(BUDGET, { iteration: 2, tokens: 600 }, [100, 100])).toBe(4);
  // Gone back to the beginning: nothing tells.
  expect(iterationsLeft(BUDGET, { iteration: 0, tokens: 600 }, [])).toBe(100);
});

test("iterations that somebody chose are said to end no run of a comparison", () => {
  expect(noteIterations({ iterations: 7, token_budget: 1000 })).toStartWith(
    "train.iterations = 7 ends no run",
  );
  expect(noteIterations({ iterations: 35, token_budget: 1000 })).toBeUndefined();
});
