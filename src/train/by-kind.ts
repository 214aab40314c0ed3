/** Results by kind of task, and over kinds, each counting the same. */

import type { World } from "../env/env.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { type Figure, type Figures, figuresOf, macroFigures, macroOf } from "./figures.ts";
import { wilson } from "./wilson.ts";

export interface KindResult {
  readonly episodes: number;
  readonly success_rate: number;
  readonly ci95: readonly [number, number];
  readonly scores?: Figures;
}

export interface MacroResult {
  readonly kinds: readonly string[];
  readonly success: Figure;
  readonly scores?: Figures;
}

/** The means of what a world tells of episodes; nothing where it tells nothing. */
export function scoresOf(played: readonly Pick<Trajectory, "scores">[]): { scores?: Figures } {
  const told = played.flatMap(({ scores }) => (scores ? [scores] : []));
  return told.length === 0 ? {} : { scores: figuresOf(told) };
}

/** What an evaluation says by kind; over kinds where the world has groups of them. */
export function kindsOf(world: World, plans: Plans, played: readonly Scored[]) {
  const by_kind = byKind(world, plans, played);
  const all = Object.keys(by_kind);
  const groups = Object.entries({ all, ...world.groups }).map(([name, list]) => {
    const kinds = list.filter((kind) => kind in by_kind);
    return [name, kinds] as const;
  });
  const told = groups.filter(([, kinds]) => kinds.length > 0);
  const macro = told.map(([name, kinds]) => [name, macroResult(by_kind, kinds)] as const);
  return { by_kind, ...(world.groups && { macro: Object.fromEntries(macro) }) };
}

/** @param kinds that were played, one at least */
export function macroResult(
  byKind: Readonly<Record<string, KindResult>>,
  kinds: readonly string[],
): MacroResult {
  const results = kinds.map((kind) => byKind[kind]!);
  const success = macroOf(
    results.map(({ success_rate: mean, ci95, episodes }) => ({ mean, ci95, episodes })),
  );
  const scores = results.flatMap((result) => (result.scores ? [result.scores] : []));
  return { kinds, success, ...(scores.length > 0 && { scores: macroFigures(scores) }) };
}

type Plans = readonly { readonly name: string; readonly task: string }[];
type Scored = Pick<Trajectory, "episode" | "success" | "scores">;

/** Kinds in the order in which the split's tasks first show them. */
export function byKind(
  world: World,
  plans: Plans,
  played: readonly Scored[],
): Record<string, KindResult> {
  const kinds = new Map(plans.map(({ name, task }) => [name, world.kindOf?.(task) ?? "other"]));
  const results = Map.groupBy(played, ({ episode }) => kinds.get(episode) ?? "other");
  return Object.fromEntries(
    [...results].map(([kind, list]) => {
      const wins = list.filter(({ success }) => success).length;
      const figures = { success_rate: wins / list.length, ci95: wilson(wins, list.length) };
      return [kind, { episodes: list.length, ...figures, ...scoresOf(list) }];
    }),
  );
}
