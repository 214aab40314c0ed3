import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TOLERANCE } from "../support/tolerances.ts";
import {
  type Center,
  type EntropyTrajectory,
  type ModulatedStep,
  modulate,
} from "./advantage-modulation.ts";

const entropy = fc.double({ min: 0, max: 8, noNaN: true });
const trajectory = (step: fc.Arbitrary<number | null>) =>
  fc.record({
    group: fc.constantFrom("a", "b", "c"),
    advantage: fc.double({ min: -3, max: 3, noNaN: true }),
    entropies: fc.array(step, { minLength: 1, maxLength: 8 }),
  });
const batches = fc.array(trajectory(entropy), { minLength: 1, maxLength: 10 });
const gappyBatches = fc.array(
  trajectory(fc.oneof({ weight: 4, arbitrary: entropy }, fc.constant(null))),
  { minLength: 1, maxLength: 10 },
);

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const voting = (result: readonly ModulatedStep[][]) =>
  result.flat().filter((step) => step.normalized !== null);

/** Two trajectories of one group whose h are 0, 1 and 1/2, 0: small enough to work out by hand. */
const WORKED: EntropyTrajectory[] = [
  { group: "a", advantage: 1, entropies: [1, 3] },
  { group: "a", advantage: -1, entropies: [2, 1] },
];

describe("the formula worked out by hand", () => {
  const gateMean = mean([1, Math.exp(-1), Math.exp(-0.5), 1]);
  const raw = [
    1 / gateMean + 0.1 * Math.exp(-1),
    Math.exp(-1) / gateMean,
    -Math.exp(-0.5) / gateMean + 0.1,
    -1 / gateMean,
  ];

  test("center all", () => {
    const result = modulate(WORKED).flat();
    expect(result.map((s) => s.normalized) as number[]).toBeClose([0, 1, 0.5, 0], 1e-7);
    const scales = [1, Math.exp(-1), Math.exp(-0.5), 1].map((gate) => gate / gateMean);
    expect(result.map((s) => s.scale)).toBeClose(scales, 1e-7);
    expect(result.map((s) => s.clarity !== null)).toEqual([true, false, true, false]);
    expect([result[0]!.clarity!, result[2]!.clarity!]).toBeClose([Math.exp(-1), 1], 1e-7);
    expect(result.map((s) => s.advantage)).toBeClose(
      raw.map((x) => x - mean(raw)),
      1e-7,
    );
  });

  test("k shapes the gate alone, k′ the clarity alone", () => {
    const result = modulate(WORKED, { k: 0, kPrime: 2 }).flat();
    expect(result.map((s) => s.scale)).toBeClose([1, 1, 1, 1], 1e-7);
    expect([result[0]!.clarity!, result[2]!.clarity!]).toBeClose([Math.exp(-2), 1], 1e-7);
  });

  test("center bonus takes the mean bonus from the steps that have one", () => {
    const bonus = mean([0.1 * Math.exp(-1), 0.1]);
    const expected = [raw[0]! - bonus, raw[1]!, raw[2]! - bonus, raw[3]!];
    const result = modulate(WORKED, { center: "bonus" }).flat();
    expect(result.map((s) => s.advantage)).toBeClose(expected, 1e-7);
  });

  test("center trajectory gives each trajectory one vote", () => {
    const batch = [{ ...WORKED[0]!, entropies: [1, 3, 3] }, WORKED[1]!];
    const uncentred = modulate(batch, { center: "none" });
    const shift = mean(uncentred.map((own) => mean(own.map((step) => step.advantage))));
    const expected = uncentred.flat().map((step) => step.advantage - shift);
    const result = modulate(batch, { center: "trajectory" }).flat();
    expect(result.map((s) => s.advantage)).toBeClose(expected, TOLERANCE.exact);
    expect(shift).not.toBeClose(mean(uncentred.flat().map((s) => s.advantage)), 1e-3);
  });

  test("center none leaves A′", () => {
    const result = modulate(WORKED, { center: "none" }).flat();
    expect(result.map((s) => s.advantage)).toBeClose(raw, 1e-7);
  });
});

describe("facts", () => {
  test("the gate has mean one over the steps of a batch", () => {
    fc.assert(
      fc.property(gappyBatches, fc.double({ min: 0, max: 4, noNaN: true }), (batch, k) => {
        const scales = voting(modulate(batch, { k })).map((step) => step.scale);
        if (scales.length > 0) expect(mean(scales)).toBeClose(1, TOLERANCE.stated);
      }),
    );
  });

  test("the gate falls as entropy rises, and max g / min g ≤ e^k", () => {
    fc.assert(
      fc.property(batches, fc.double({ min: 0, max: 4, noNaN: true }), (batch, k) => {
        const scales = modulate(batch, { k }).flatMap((own) => own.map((step) => step.scale));
        const entropies = batch.flatMap((own) => own.entropies as number[]);
        const byEntropy = scales.map((_, i) => i).sort((i, j) => entropies[i]! - entropies[j]!);
        for (let i = 1; i < byEntropy.length; i++) {
          expect(scales[byEntropy[i]!]!).toBeLessThanOrEqual(scales[byEntropy[i - 1]!]!);
        }
        const spread = Math.max(...scales) / Math.min(...scales);
        expect(spread).toBeLessThanOrEqual(Math.exp(k) * (1 + TOLERANCE.exact));
      }),
    );
  });

  test("k = 0 and ζ = 0 leave A − mean A over steps", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const plain = batch.flatMap((own) => own.entropies.map(() => own.advantage));
        const expected = plain.map((advantage) => advantage - mean(plain));
        const found = modulate(batch, { k: 0, zeta: 0 }).flat();
        expect(found.map((step) => step.advantage)).toBeClose(expected, 1e-7);
      }),
    );
  });

  test.each(["min-max", "z-score", "robust"] as const)(
    "equal entropies give g = 1 and f = 1 under %s",
    (normalization) => {
      const batch = WORKED.map((own) => ({ ...own, entropies: [0.7, 0.7, 0.7] }));
      for (const own of modulate(batch, { normalization })) {
        expect(own.map((step) => step.scale)).toBeClose([1, 1, 1], 1e-7);
        expect(own.map((step) => step.clarity)).toEqual([1, 1, null]);
      }
    },
  );

  test("a trajectory's last step gets no clarity bonus", () => {
    fc.assert(
      fc.property(gappyBatches, fc.constantFrom("all", "bonus", "trajectory"), (batch, center) => {
        for (const own of modulate(batch, { center: center as Center })) {
          expect(own.at(-1)!.clarity).toBeNull();
        }
        const [last] = modulate(batch, { center: "none" }).map((own) => own.at(-1)!);
        expect(last!.advantage).toBeClose(batch[0]!.advantage * last!.scale, TOLERANCE.exact);
      }),
    );
  });

  test("with center bonus, last steps are untouched", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        modulate(batch, { center: "bonus" }).forEach((own, i) => {
          const last = own.at(-1)!;
          expect(last.advantage).toBeClose(batch[i]!.advantage * last.scale, 0);
        });
      }),
    );
  });

  test.each(["batch", "group"] as const)(
    "permuting trajectories permutes the result (%s)",
    (scope) => {
      fc.assert(
        fc.property(gappyBatches, (batch) => {
          const forward = modulate(batch, { scope });
          const backward = modulate(batch.toReversed(), { scope }).toReversed();
          expect(backward.flat().map((step) => step.advantage)).toBeClose(
            forward.flat().map((step) => step.advantage),
            1e-9,
          );
        }),
      );
    },
  );

  test("the mean of A_final over unique steps is 0", () => {
    fc.assert(
      fc.property(
        gappyBatches,
        fc.constantFrom("batch" as const, "group" as const),
        (batch, scope) => {
          const advantages = voting(modulate(batch, { scope })).map((step) => step.advantage);
          if (advantages.length > 0) expect(mean(advantages)).toBeClose(0, 1e-9);
        },
      ),
    );
  });

  test("empty steps have g = 1, no bonus, and give none to the step before", () => {
    const [own] = modulate([{ group: "a", advantage: 2, entropies: [1, null, 3, 2] }], {
      center: "none",
    });
    expect(own!.map((step) => step.clarity !== null)).toEqual([false, false, true, false]);
    expect(own![1]).toEqual({ normalized: null, scale: 1, clarity: null, advantage: 2 });
  });

  test("empty trailing steps change nothing for the others", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const padded = batch.map((own) => ({ ...own, entropies: [...own.entropies, null, null] }));
        const expected = modulate(batch);
        const found = modulate(padded).map((own) => own.slice(0, -2));
        expect(found).toEqual(expected);
      }),
    );
  });

  test("scope group is scope batch on each group by itself", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const whole = modulate(batch, { scope: "group" });
        for (const group of new Set(batch.map((own) => own.group))) {
          const members = batch.filter((own) => own.group === group);
          const alone = modulate(members);
          const within = whole.filter((_, i) => batch[i]!.group === group);
          expect(within).toEqual(alone);
        }
      }),
    );
  });

  test("the mission's table: confident steps are pushed harder, uncertain ones gently", () => {
    const [success, failure] = modulate(
      [
        { group: "a", advantage: 1, entropies: [0.1, 2] },
        { group: "a", advantage: -1, entropies: [0.1, 2] },
      ],
      { zeta: 0 },
    );
    expect(success![0]!.advantage).toBeGreaterThan(1);
    expect(success![1]!.advantage).toBeLessThan(1);
    expect(failure![0]!.advantage).toBeLessThan(-1);
    expect(failure![1]!.advantage).toBeGreaterThan(-1);
  });
});
