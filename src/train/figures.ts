/** Means of what worlds tell of their episodes, with intervals: over episodes, and over kinds of task. */

import { wilson } from "./wilson.ts";

export interface Figure {
  readonly mean: number;
  /** 95 % interval: Wilson's where every value is 0 or 1, else the normal one. */
  readonly ci95: readonly [number, number];
  /** Episodes that have it. */
  readonly episodes: number;
}

export type Figures = Readonly<Record<string, Figure>>;
type Scores = Readonly<Record<string, number>>;

const Z = 1.959964;

/** The mean of one figure's values, one at least. */
export function figureOf(values: readonly number[]): Figure {
  const n = values.length;
  const sum = values.reduce((a, b) => a + b, 0);
  const mean = sum / n;
  if (values.every((value) => value === 0 || value === 1)) {
    return { mean, ci95: wilson(sum, n), episodes: n };
  }
  // One value says nothing about the spread.
  const variance = values.reduce((a, value) => a + (value - mean) ** 2, 0) / Math.max(n - 1, 1);
  const spread = Z * Math.sqrt(variance / n);
  return { mean, ci95: [mean - spread, mean + spread], episodes: n };
}

/** Every figure that some of the episodes have, in the order in which they first appear. */
export function figuresOf(episodes: readonly Scores[]): Figures {
  const values = new Map<string, number[]>();
  for (const scores of episodes) {
    for (const [name, value] of Object.entries(scores)) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, figureOf(list)]));
}

/**
 * The mean of means, every kind counting the same. Each side of the interval is made of the kinds' own distances to
 * that side, which add up as independent errors do (Zou and Donner 2008), so that shares stay shares.
 */
export function macroOf(figures: readonly Figure[]): Figure {
  const count = figures.length;
  const mean = figures.reduce((sum, figure) => sum + figure.mean, 0) / count;
  const spread = (side: 0 | 1) =>
    Math.hypot(...figures.map(({ mean, ci95 }) => ci95[side] - mean)) / count;
  const episodes = figures.reduce((sum, figure) => sum + figure.episodes, 0);
  return { mean, ci95: [mean - spread(0), mean + spread(1)], episodes };
}

/** The same for every figure that some kind has. */
export function macroFigures(kinds: readonly Figures[]): Figures {
  const names = new Set(kinds.flatMap((figures) => Object.keys(figures)));
  return Object.fromEntries(
    [...names].map((name) => [name, macroOf(kinds.flatMap((figures) => figures[name] ?? []))]),
  );
}
