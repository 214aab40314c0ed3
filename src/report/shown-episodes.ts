/** The episodes that the page's viewer holds: a bounded number of each run, their tokens as text. */

import { short } from "./curves.ts";
import { embeddedJson } from "./embedded-json.ts";
import type { SavedEpisode, SavedIteration, SavedStep } from "./saved-rollouts.ts";
import { stepEntropyOf } from "./saved-rollouts.ts";

/** A token as a person reads it; `special` ones stand for themselves and are part of no text. */
export interface TokenText {
  readonly text: string;
  readonly special: boolean;
}

/** Ids of a response → their texts; undefined where the run's model is not there any more. */
export type Decoder = ((ids: readonly number[]) => readonly TokenText[]) | undefined;

export interface ShownStep {
  readonly observation: string;
  readonly response: string;
  readonly valid: boolean;
  readonly reward: number;
  /** Texts of the sampled tokens; absent where nobody can decode them. */
  readonly tokens?: readonly string[];
  readonly special?: readonly number[];
  /** Thousandths of a nat, one per token. */
  readonly millinats?: readonly number[];
  readonly H: number | null;
  /** h, g, f, A and A_final; absent where the step was not trained on. */
  readonly modulation?: readonly (number | null)[];
}

export interface ShownEpisode {
  readonly name: string;
  readonly success: boolean;
  readonly return: number;
  readonly end: string;
  readonly steps: readonly ShownStep[];
}

export interface ShownIteration {
  readonly iteration: number;
  /** How many episodes were saved of it. */
  readonly saved: number;
  readonly episodes: readonly ShownEpisode[];
}

/** Per iteration that is shown. */
export const EPISODES = 6;

/** @param budgetBytes what a run's episodes may take in the page; the longest are left out first */
export function shownIterations(
  saved: readonly SavedIteration[],
  decoder: Decoder,
  budgetBytes: number,
): ShownIteration[] {
  let left = budgetBytes;
  // One episode of every iteration, then the next: a budget that ends early ends for all of them.
  const queues = saved.map(({ episodes }) => choose(episodes));
  const shown: ShownEpisode[][] = saved.map(() => []);
  for (let place = 0; place < EPISODES; place++) {
    queues.forEach((queue, index) => {
      const episode = queue[place];
      if (!episode) return;
      const compact = shownEpisode(episode, decoder);
      const bytes = Buffer.byteLength(embeddedJson(compact));
      if (bytes > left) return;
      left -= bytes;
      shown[index]!.push(compact);
    });
  }
  return saved.map(({ iteration, episodes }, index) => ({
    iteration,
    saved: episodes.length,
    episodes: shown[index]!,
  }));
}

/** Successes and failures in turn; those that were trained on first. */
function choose(episodes: readonly SavedEpisode[]): SavedEpisode[] {
  const trained = ({ steps }: SavedEpisode) => steps.some(({ modulation }) => modulation);
  const ordered = [...episodes.filter(trained), ...episodes.filter((one) => !trained(one))];
  const wins = ordered.filter(({ success }) => success);
  const losses = ordered.filter(({ success }) => !success);
  const turns = Array.from({ length: EPISODES }, (_, i) => [wins[i], losses[i]]).flat();
  return turns.filter((one) => one !== undefined).slice(0, EPISODES);
}

function shownEpisode(episode: SavedEpisode, decoder: Decoder): ShownEpisode {
  return {
    name: episode.episode,
    success: episode.success,
    return: short(episode.return),
    end: episode.end,
    steps: episode.steps.map((step) => shownStep(step, decoder)),
  };
}

function shownStep(step: SavedStep, decoder: Decoder): ShownStep {
  const { observation, response, valid, reward, tokens, entropies, modulation: m } = step;
  const texts = decoder?.(tokens);
  const H = stepEntropyOf(step);
  const special = texts?.flatMap((token, index) => (token.special ? [index] : []));
  const figure = (value: number | null | undefined) =>
    typeof value === "number" ? short(value) : null;
  return {
    ...{ observation, response, valid, reward: short(reward), H: figure(H) },
    ...(texts && { tokens: texts.map(({ text }) => text), special: special! }),
    ...(entropies && { millinats: entropies.map((nats) => Math.round(1000 * nats)) }),
    ...(m && {
      modulation: [
        ...[m.normalized_entropy, m.scale, m.clarity, m.base_advantage, m.advantage].map(figure),
      ],
    }),
  };
}
