/**
 * The record of one episode, and its JSON Lines form: one episode a line.
 *
 * `tokens` are the ids that were sampled, never re-encoded. Log-probabilities and entropies are
 * natural logs, of the distribution sampled from. What stands before a step's tokens: with
 * `context: "append"` everything before it in the episode plus `prompt_tokens`, with `"fresh"`
 * `prompt_tokens` alone.
 */

import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { readJsonLines, writeJsonLines } from "../core/jsonl.ts";
import { validate } from "../core/validate.ts";

const TokenId = z.int().min(0);
const EpisodeEnd = z.enum(["terminated", "truncated", "fault"]);
const Identifier = z.union([z.string().min(1), z.number()]).transform(String);

/** Far within single precision, so that sums and differences of two stay there. */
const Reward = z.number().min(-1e30).max(1e30);
/** How far another framework's rounding may put a log-probability above zero, or an entropy below (nats). */
const ROUNDING = 1e-3;
const LogProb = z.number().min(-1e30).max(ROUNDING);
/** ln of a vocabulary is far below 100; what is above cannot be nats. */
const Entropy = z
  .number()
  .min(-ROUNDING)
  .max(100)
  .transform((nats) => Math.max(nats, 0));

/** A critic's: per token, or one number before the step. */
const valueKeys = { values: z.array(Reward).optional(), value: Reward.optional() };

/** Entropies of one step: per token, or one number for the step with the number of its tokens. */
const entropyKeys = {
  entropies: z.array(Entropy).optional(),
  entropy: Entropy.nullish(),
  token_count: z.int().min(0).optional(),
};

const StepRecord = z.object({
  observation: z.string(),
  state: z.string().optional(),
  response: z.string(),
  action: z.string(),
  valid: z.boolean(),
  reward: Reward,
  context: z.enum(["append", "fresh"]),
  prompt_tokens: z.array(TokenId),
  tokens: z.array(TokenId),
  logprobs: z.array(LogProb),
  ...entropyKeys,
});

const TrajectoryRecord = z.object({
  episode: Identifier,
  group: Identifier,
  env: z.string(),
  return: Reward,
  success: z.boolean(),
  end: EpisodeEnd,
  reason: z.string().optional(),
  scores: z.record(z.string(), z.number()).optional(),
  steps: z.array(StepRecord),
});

/** What advantages need, from any framework; everything else on the line is passed over. */
const ReturnRecord = z.object({
  episode: Identifier.optional(),
  group: Identifier,
  return: Reward,
  end: EpisodeEnd.optional(),
  steps: z.array(
    z.object({
      tokens: z.array(TokenId).optional(),
      logprobs: z.array(LogProb).optional(),
      reward: Reward.optional(),
      observation: z.string().default(""),
      state: z.string().optional(),
      valid: z.boolean().default(true),
      ...entropyKeys,
      ...valueKeys,
    }),
  ),
});

/** Lists that have a number per token. */
interface Counted {
  readonly tokens?: readonly number[] | undefined;
  readonly token_count?: number | undefined;
  readonly logprobs?: readonly number[] | undefined;
  readonly entropies?: readonly number[] | undefined;
  readonly values?: readonly number[] | undefined;
}

type RawStep = z.output<typeof ReturnRecord>["steps"][number];

/** One agent turn. `logprobs` and `entropies` have one number per token of `tokens`. */
export interface Step {
  readonly observation: string;
  /** A hash of the world's own name for the state that was acted from; absent: the observation stands for it. */
  readonly state?: string | undefined;
  readonly response: string;
  readonly action: string;
  readonly valid: boolean;
  readonly reward: number;
  readonly context: "append" | "fresh";
  readonly prompt_tokens: readonly number[];
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  readonly entropies: readonly number[];
}

/** One episode, as it is stored. */
export interface Trajectory {
  readonly episode: string;
  readonly group: string;
  readonly env: string;
  readonly return: number;
  readonly success: boolean;
  readonly end: z.output<typeof EpisodeEnd>;
  /** Why it ended where the world did not end it. */
  readonly reason?: string | undefined;
  /** What the world tells of it beside the return, by name. */
  readonly scores?: Readonly<Record<string, number>> | undefined;
  readonly steps: readonly Step[];
}

/** One episode as far as advantages need it. */
export interface ReturnTrajectory {
  /** As in the file; `line N` where it names none. */
  readonly episode: string;
  readonly group: string;
  readonly return: number;
  readonly end: z.output<typeof EpisodeEnd> | undefined;
  /**
   * Token entropies of each step; none for an empty step. A step known only by its `entropy` has
   * that one number, which every way to join token entropies returns unchanged.
   */
  readonly entropies: readonly (readonly number[])[];
  readonly steps: readonly ReturnStep[];
  /** File and line. */
  readonly where: string;
}

/** What a step earned, if the file tells, and where; the observation is "" where the file names none. */
export interface ReturnStep {
  readonly reward: number | undefined;
  readonly valid: boolean;
  /** The observation, where the file names no state. */
  readonly state: string;
  readonly observation: string;
  /** How many were sampled. */
  readonly tokens: number;
  /** What a critic said before each token, and before the step, where the file says so. */
  readonly values?: readonly number[] | undefined;
  readonly value?: number | undefined;
}

/**
 * The trajectories of a file, one at a time; `-` is standard input.
 *
 * @param vocabulary of the model that will see them: its ids are 0 to one less
 * @throws UserError naming file, line, key, what was found and what is allowed
 */
export async function* readTrajectories(
  path: string,
  vocabulary = Number.POSITIVE_INFINITY,
): AsyncGenerator<Trajectory> {
  for await (const { value, where } of readJsonLines(path)) {
    const record = validate(TrajectoryRecord, value, where);
    const steps = record.steps.map(({ entropy, token_count, ...step }, index): Step => {
      const at = `${where}: steps[${index}]`;
      checkLengths({ ...step, token_count }, at);
      checkIds(step, vocabulary, at);
      // The first token of a context is sampled by nobody: something must come before it.
      const begins = index === 0 || step.context === "fresh";
      if (begins && step.tokens.length > 0 && step.prompt_tokens.length === 0) {
        throw new UserError(`${at}.prompt_tokens: found none, a context begins with at least one`);
      }
      if (step.entropies !== undefined) return { ...step, entropies: step.entropies };
      const one = oneEntropy(entropy, step.tokens.length, at);
      return { ...step, entropies: step.tokens.map(() => one) };
    });
    yield { ...record, steps };
  }
}

/** As `readTrajectories`, for files of any framework that hold `group`, `return` and entropies. */
export async function* readReturnTrajectories(path: string): AsyncGenerator<ReturnTrajectory> {
  for await (const { value, where } of readJsonLines(path)) {
    const record = validate(ReturnRecord, value, where);
    const entropies = record.steps.map((step, index) =>
      stepEntropies(step, `${where}: steps[${index}]`),
    );
    const episode = record.episode ?? `line ${where.slice(where.lastIndexOf(":") + 1)}`;
    const steps = record.steps.map((step, t) => {
      const { reward, valid, observation, state = observation, values, value } = step;
      const tokens = step.token_count ?? step.tokens?.length ?? entropies[t]!.length;
      return { reward, valid, state, observation, tokens, values, value };
    });
    const { group, return: total, end } = record;
    yield { episode, group, return: total, end, entropies, steps, where };
  }
}

function stepEntropies(step: RawStep, at: string): readonly number[] {
  checkLengths(step, at);
  if (step.entropies !== undefined) return step.entropies;
  const count = step.token_count ?? step.tokens?.length;
  if (count === undefined) {
    throw new UserError(
      `${at}.entropies: found nothing, allowed: a list of numbers, or entropy with token_count`,
    );
  }
  return count === 0 ? [] : [oneEntropy(step.entropy, count, at)];
}

/**
 * What a critic says of an episode's steps: `values`, one per token, or over turns `value` or the first of `values`.
 * @throws UserError naming the line and the key that is missing
 */
export function criticValues(
  { steps, where }: ReturnTrajectory,
  over: "turn" | "token",
): (readonly number[])[] {
  return steps.map(({ tokens, values, value }, t) => {
    if (tokens === 0) return [];
    if (over === "turn" && value !== undefined) return [value];
    if (values !== undefined) return values;
    const [key, allowed] =
      over === "turn" ? ["value", "a number"] : ["values", `a list of ${tokens} numbers`];
    const at = `${where}: steps[${t}].${key}`;
    throw new UserError(`${at}: found nothing, allowed: ${allowed}: what the critic said`);
  });
}

/** NaN only for a step without tokens, where nobody reads it. */
function oneEntropy(entropy: number | null | undefined, count: number, at: string): number {
  if (count === 0) return Number.NaN;
  if (typeof entropy === "number") return entropy;
  throw new UserError(
    `${at}.entropies: found nothing, allowed: a list of ${count} numbers, or entropy with token_count`,
  );
}

/** tokens, logprobs, entropies, values and token_count must speak of the same number of tokens. */
function checkLengths(step: Counted, at: string): void {
  const counts = [
    ["tokens", step.tokens?.length],
    ["token_count", step.token_count],
    ["logprobs", step.logprobs?.length],
    ["entropies", step.entropies?.length],
    ["values", step.values?.length],
  ] as const;
  const known = counts.filter(([, count]) => count !== undefined);
  const [first] = known;
  const odd = known.find(([, count]) => count !== first?.[1]);
  if (first === undefined || odd === undefined) return;
  throw new UserError(`${at}: ${countText(odd)}, but ${countText(first)}: one per sampled token`);
}

function checkIds(
  step: Pick<Step, "prompt_tokens" | "tokens">,
  vocabulary: number,
  at: string,
): void {
  for (const key of ["prompt_tokens", "tokens"] as const) {
    const index = step[key].findIndex((id) => id >= vocabulary);
    if (index < 0) continue;
    throw new UserError(
      `${at}.${key}[${index}]: found ${step[key][index]}, allowed: the model's ids, 0 to ${vocabulary - 1}`,
      "are these the trajectories of another model?",
    );
  }
}

function countText([name, count]: readonly [string, number | undefined]): string {
  return name === "token_count" ? `token_count is ${count}` : `${name} has ${count} numbers`;
}

/** Writes trajectories as they come, one a line; replaces the file. */
export function writeTrajectories(
  path: string,
  trajectories: Iterable<Trajectory> | AsyncIterable<Trajectory>,
): Promise<void> {
  return writeJsonLines(path, trajectories);
}
