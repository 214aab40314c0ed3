import type { Gpu } from "../gpu/device.ts";
import type { Trainable } from "../model/trainable.ts";
import type { Collector } from "../rollout/collect.ts";
import type { RunConfig } from "./config.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import type { Policy } from "./policy.ts";
import type { RemainingTime } from "./remaining-time.ts";
import type { RunDirectory } from "./run-directory.ts";

/** The sharper temperature that published evaluations use, shown beside the run's own. */
const SHARP = 0.4;

/** A line of eval.jsonl. `beside`: not the figure that counts, but one shown with it. */
export type EvaluationRow = Evaluation & { readonly iteration: number; readonly beside?: true };

interface Parts {
  readonly gpu: Gpu;
  readonly collector: Collector;
  readonly config: RunConfig;
  readonly policy: Policy;
  readonly trainable: Trainable;
  readonly directory: RunDirectory;
  readonly remaining: RemainingTime;
  readonly evaluated: (iteration: number, evaluation: Evaluation) => void;
  readonly interrupted: AbortSignal;
}

/** The evaluations of a run: which come after which iteration, and what they found. */
export class Evaluations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Before the first iteration: the figure that everything is compared with. */
  async atStart(): Promise<void> {
    await this.#check(0);
  }

  /**
   * What is due after an iteration, the run's last one or not.
   * @param tokens generated before the iteration and until its end
   * @throws InterruptedError when the run is told to stop meanwhile
   */
  async after(
    iteration: number,
    last: boolean,
    tokens: { readonly before: number; readonly now: number },
  ): Promise<void> {
    const { gpu, config, policy, trainable } = this.#parts;
    if (iteration === 1 && config.eval.beside) {
      // Of the weights that the run began with: before the first iteration nobody would wait for these figures.
      await trainable.with(gpu, policy.start, () => this.#checkBeside(0));
    }
    if (last) {
      await this.#check(iteration);
      await this.#checkBeside(iteration);
    } else if (isDue(config.eval, iteration, tokens)) await this.#check(iteration);
  }

  /**
   * Episodes that are still to be played for evaluations after an iteration of a run that ends at `end`.
   * @param tokens generated so far
   */
  episodesLeft(iteration: number, end: number, tokens: number): number {
    const { every, every_tokens, episodes, beside } = this.#parts.config.eval;
    // In iterations, where it is tokens that count.
    const step = every_tokens > 0 && tokens > 0 ? (every_tokens * iteration) / tokens : every;
    const done = (upTo: number) => (step > 0 ? Math.floor(upTo / step) : 0);
    const between = done(end - 1) - done(iteration - 1);
    // The last one comes with two of half its length, and so did the first.
    const sides = beside ? (iteration === 1 ? 1 : 0) + 1 : 0;
    return episodes * (between + 1 + sides);
  }

  /** The first and the last evaluation of the kind that counts. */
  get firstAndLast(): { first: EvaluationRow | undefined; last: EvaluationRow | undefined } {
    const rows = this.#parts.directory.rows("eval.jsonl") as unknown as EvaluationRow[];
    const [first, ...rest] = rows.filter(({ beside }) => beside !== true);
    return { first, last: rest.at(-1) };
  }

  /** Half as many episodes tell enough: sharper, and on training tasks. */
  async #checkBeside(iteration: number): Promise<void> {
    const { config } = this.#parts;
    if (!config.eval.beside) return;
    const episodes = Math.ceil(config.eval.episodes / 2);
    await this.#check(iteration, { temperature: SHARP, episodes });
    await this.#check(iteration, { split: config.env.split, episodes });
  }

  /** @param change what is not as the configuration has it: a figure beside the one that counts */
  async #check(
    iteration: number,
    change?: { split?: string; temperature?: number; episodes: number },
  ): Promise<void> {
    const { collector, config, directory, remaining, evaluated, interrupted } = this.#parts;
    const { split, temperature, episodes } = config.eval;
    const plain = { topP: 1, topK: 0, seed: config.run.seed };
    const choice = { split, temperature, episodes, ...plain, ...change };
    const began = performance.now();
    const evaluation = await evaluate(collector, choice, interrupted);
    remaining.evaluated(choice.episodes, performance.now() - began);
    const row = { iteration, ...evaluation, ...(change ? { beside: true } : {}) };
    directory.append("eval.jsonl", row);
    evaluated(iteration, evaluation);
  }
}

/** After every so many iterations, or the iteration that passes a multiple of so many tokens. */
function isDue(
  { every, every_tokens }: RunConfig["eval"],
  iteration: number,
  { before, now }: { readonly before: number; readonly now: number },
): boolean {
  if (every_tokens === 0) return every > 0 && iteration % every === 0;
  return Math.floor(now / every_tokens) > Math.floor(before / every_tokens);
}
