import { expect, test } from "bun:test";
import fc from "fast-check";
import { DIALECT_NAMES, DIALECTS } from "../../src/algorithm/dialect.ts";
import { reinforce } from "../../src/algorithm/reinforce.ts";
import { rloo } from "../../src/algorithm/rloo.ts";
import { leaveOneOut } from "../reference/leave-one-out.ts";
import { episodesOf, OUTCOMES } from "../support/outcomes.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const OURS = { dialect: "empg" } as const;

test("RLOO of returns 1, 0, 0, 1: the mean of the three others is taken away", () => {
  const episodes = episodesOf([1, 0, 0, 1]);
  expect(rloo(episodes, OURS).flat()).toBeClose([2 / 3, -2 / 3, -2 / 3, 2 / 3], TOLERANCE.exact);
});

test("REINFORCE's others are those of the batch, or nobody", () => {
  const episodes = episodesOf([3, 0, 0, 1], ["a", "a", "b", "b"]);
  const others = [3 - 1 / 3, -4 / 3, -4 / 3, 0];
  expect(reinforce(episodes, { baseline: "batch" }).flat()).toBeClose(others, TOLERANCE.exact);
  expect(reinforce(episodes, { baseline: "none" }).flat()).toEqual([3, 0, 0, 1]);
});

test("an episode alone has nobody to be compared with", () => {
  const [alone] = [episodesOf([2.5])];
  expect(rloo(alone, OURS)).toEqual([[0]]);
  expect(rloo(alone, { dialect: "verl" })).toEqual([[2.5]]);
  expect(reinforce(alone, { baseline: "batch" })).toEqual([[2.5]]);
});

test.each(DIALECT_NAMES)("RLOO matches the f64 reference in dialect %s", (dialect) => {
  const { row, lonely } = DIALECTS[dialect];
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const votes = episodes.map(({ steps }) => (row === "step" ? steps.length : 1));
      const wanted = leaveOneOut(
        episodes.map((episode) => episode.return),
        episodes.map(({ group }) => group),
        votes,
        lonely,
      );
      const found = rloo(episodes, { dialect });
      expect(found.map(({ length }) => length)).toEqual(episodes.map(({ steps }) => steps.length));
      expect(found.flat()).toBeClose(
        episodes.flatMap(({ steps }, i) => steps.map(() => wanted[i]!)),
        TOLERANCE.exact,
      );
    }),
  );
});

test("REINFORCE matches the f64 reference with the batch for a group", () => {
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const returns = episodes.map((episode) => episode.return);
      const one = returns.map(() => 1);
      const wanted = leaveOneOut(
        returns,
        returns.map(() => "batch"),
        one,
        "raw",
      );
      const found = reinforce(episodes, { baseline: "batch" });
      expect(found.map(([first]) => first!)).toBeClose(wanted, TOLERANCE.exact);
    }),
  );
});

test("an episode has one vote however many steps it has, and a copied group changes no other", () => {
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const firsts = (batch: typeof episodes) => rloo(batch, OURS).map(([first]) => first!);
      const longer = episodes.map((one, i) =>
        i % 2 ? one : { ...one, steps: [...one.steps, ...one.steps] },
      );
      expect(firsts(longer)).toBeClose(firsts(episodes), TOLERANCE.exact);
      const copy = episodes.map((one) => ({ ...one, group: `copy of ${one.group}` }));
      expect(firsts([...episodes, ...copy]).slice(0, episodes.length)).toEqual(firsts(episodes));
    }),
  );
});

test("permuting the episodes permutes the advantages", () => {
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const backwards = episodes.toReversed();
      expect(rloo(backwards, OURS).toReversed().flat()).toBeClose(
        rloo(episodes, OURS).flat(),
        TOLERANCE.exact,
      );
      const batch = { baseline: "batch" } as const;
      expect(reinforce(backwards, batch).toReversed().flat()).toBeClose(
        reinforce(episodes, batch).flat(),
        TOLERANCE.exact,
      );
    }),
  );
});
