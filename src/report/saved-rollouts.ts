/** Saved trajectories, as far as a report shows them. */

import { z } from "zod";
import { validate } from "../core/validate.ts";
import type { RunFiles } from "./run-files.ts";
import { readGrowingLines } from "./tolerant-lines.ts";

const Figure = z.number().nullish();

const Modulation = z.object({
  entropy: Figure,
  normalized_entropy: Figure,
  scale: Figure,
  clarity: Figure,
  base_advantage: Figure,
  advantage: Figure,
});

const SavedStep = z.object({
  observation: z.string(),
  response: z.string(),
  valid: z.boolean(),
  reward: z.number(),
  tokens: z.array(z.int().min(0)),
  entropies: z.array(z.number()).optional(),
  /** Absent where the step was not trained on. */
  modulation: Modulation.optional(),
});
export type SavedStep = z.output<typeof SavedStep>;

const SavedEpisode = z.object({
  episode: z.union([z.string(), z.number()]).transform(String),
  return: z.number(),
  success: z.boolean(),
  end: z.string(),
  steps: z.array(SavedStep),
});
export type SavedEpisode = z.output<typeof SavedEpisode>;

export interface SavedIteration {
  readonly iteration: number;
  readonly episodes: readonly SavedEpisode[];
}

/** A run's first, middle and last saved iterations; fewer where fewer were saved. @throws UserError as validate */
export function savedIterations({ rollouts }: RunFiles): SavedIteration[] {
  const chosen = new Set([0, rollouts.length >> 1, rollouts.length - 1]);
  return [...chosen].flatMap((index) => {
    const saved = rollouts[index];
    if (!saved) return [];
    const lines = readGrowingLines(saved.file);
    const episodes = lines.map(({ value, where }) => validate(SavedEpisode, value, where));
    return episodes.length > 0 ? [{ iteration: saved.iteration, episodes }] : [];
  });
}

/** H of a step: as training took it, else the mean of its tokens' entropies; undefined for an empty step. */
export function stepEntropyOf({ modulation, entropies = [] }: SavedStep): number | undefined {
  if (typeof modulation?.entropy === "number") return modulation.entropy;
  if (entropies.length === 0) return undefined;
  return entropies.reduce((a, b) => a + b, 0) / entropies.length;
}
