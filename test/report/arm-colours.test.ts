/** How arms look in the report: the colours of its style and the dashes of its script, seen with every kind of eyes. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { PAGE_STYLE } from "../../src/report/page-files.ts";

type Triple = readonly [number, number, number];

// The page's scripts have no types: a path that is computed is imported as anything.
const { armDash } = (await import(join(import.meta.dir, "../../src/report/page/arms.js"))) as {
  armDash(arm: number): number[];
};

const ARMS = 12;
const DARK = PAGE_STYLE.indexOf("@media (prefers-color-scheme: dark)");
const GROUNDS = ["paper", "panel"];

/** Linear red, green and blue of a colour of the style. */
function linear(name: string, dark: boolean): Triple {
  const hex = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(PAGE_STYLE.slice(dark ? DARK : 0))![1]!;
  const [r, g, b] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [r!, g!, b!];
}

function times(matrix: readonly Triple[], [a, b, c]: Triple): Triple {
  const [x, y, z] = matrix.map((row) => row[0] * a + row[1] * b + row[2] * c);
  return [x!, y!, z!];
}

/** WCAG's contrast of two colours. */
function contrast(one: Triple, other: Triple): number {
  const light = (c: Triple) => 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] + 0.05;
  return Math.max(light(one), light(other)) / Math.min(light(one), light(other));
}

/** Distance in Oklab, in hundredths: about 2 is just seen between large areas, thin lines need several times that. */
function distance(one: Triple, other: Triple): number {
  const lab = (colour: Triple) => {
    const cones = times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      colour,
    );
    return times(
      [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
      ],
      [Math.cbrt(cones[0]), Math.cbrt(cones[1]), Math.cbrt(cones[2])],
    );
  };
  const [a, b] = [lab(one), lab(other)];
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Machado, Oliveira and Fernandes (2009), severity 1, on linear colours. */
const EYES: readonly (readonly [string, readonly Triple[]])[] = [
  [
    "all three cones",
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  ],
  [
    "protanopia",
    [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
  ],
  [
    "deuteranopia",
    [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  ],
  [
    "tritanopia",
    [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  ],
];

test("no two of a thousand arms have the same colour and the same dashes", () => {
  const looks = Array.from({ length: 1000 }, (_, arm) => `${arm % ARMS} ${armDash(arm)}`);
  expect(new Set(looks).size).toBe(1000);
});

describe.each([
  ["light", false],
  ["dark", true],
])("%s", (_, dark) => {
  const colours = Array.from({ length: ARMS }, (_, arm) => linear(`arm-${arm}`, dark));

  test("every arm's line stands out from its ground: 3 to 1", () => {
    const ratios = GROUNDS.flatMap((ground) =>
      colours.map((colour) => contrast(colour, linear(ground, dark))),
    );
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(3);
  });

  test.each(EYES)("arms whose dashes are the same differ in colour: %s", (_, matrix) => {
    const seen = colours.map((colour) => {
      const [r, g, b] = times(matrix, colour).map((c) => Math.max(0, Math.min(1, c)));
      return [r!, g!, b!] as const;
    });
    const apart = seen.flatMap((one, arm) =>
      seen
        .slice(0, arm)
        .flatMap((other, before) =>
          String(armDash(arm)) === String(armDash(before)) ? [distance(one, other)] : [],
        ),
    );
    expect(apart.length).toBe(30);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(12);
  });
});
