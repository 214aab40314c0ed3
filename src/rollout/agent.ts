import { UserError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import { seedFor } from "../core/random.ts";
import type { Episode, Outcome } from "../env/env.ts";
import type { Drawn } from "../model/generate.ts";
import { StopStrings } from "../text/stop-strings.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { Dialogue, type DialogueOptions, type Prompt } from "./dialogue.ts";
import { RetryCount } from "./retries.ts";
import type { Step, Trajectory } from "./trajectory.ts";

/** What one episode is called and where its chance comes from. */
export interface EpisodePlan {
  readonly name: string;
  readonly group: string;
  readonly task: string;
  /** Seed of the opening, which the members of a group share. */
  readonly openingSeed: number;
  /** Seed of the sampled tokens. */
  readonly seed: number;
}

/** What all episodes of a run have in common. */
export interface AgentOptions extends DialogueOptions {
  /** Texts that end a turn and stay in it; absent: those of the format. */
  readonly stop?: readonly string[] | undefined;
  readonly maxTokensPerTurn: number;
  /** A world that answers later has a fault. */
  readonly timeoutMs: number;
  /** Positions that the model knows; a longer episode is cut off. */
  readonly maxPositions: number;
  /** Takes word of every episode that the world did not end. */
  readonly note?: ((line: string) => void) | undefined;
}

/** One episode as seen from the policy: what to read next, what was written, when it is over. */
export class AgentEpisode {
  readonly plan: EpisodePlan;
  /** The opening's tokens; all but the last are shared by the group. */
  readonly prompt: readonly number[];
  /** Tokens to feed before the next draw. */
  pending: readonly number[];
  /** `pending` is all of the context: what was fed before it is forgotten. */
  fresh = false;
  /** Tokens drawn so far: the index of the next draw. */
  drawn = 0;
  readonly retries = new RetryCount();
  readonly #episode: Episode;
  readonly #agent: AgentOptions;
  readonly #dialogue: Dialogue;
  readonly #tokenizer: Tokenizer;
  readonly #stopIds: ReadonlySet<number>;
  readonly #stopTexts: readonly string[];
  readonly #steps: Step[] = [];
  #stopStrings: StopStrings;
  #observation: string;
  #prompt: Prompt;
  #turn: Drawn[] = [];
  #outcome: Outcome | undefined;
  #fault: string | undefined;
  #contextLength: number;
  #truncated: string | undefined;

  /** @param fault why the world could not begin the episode, which then has no turn */
  constructor(plan: EpisodePlan, episode: Episode, agent: AgentOptions, fault?: string) {
    const { format, text, stop = format.stopStrings ?? [], maxPositions } = agent;
    this.plan = plan;
    this.#episode = episode;
    this.#agent = agent;
    this.#tokenizer = text.tokenizer;
    const stopToken = this.#tokenizer.idOf(format.stop);
    this.#stopIds = new Set([
      ...this.#tokenizer.stops,
      ...(stopToken === undefined ? [] : [stopToken]),
    ]);
    this.#stopTexts = stopToken === undefined ? [...stop, format.stop] : stop;
    this.#stopStrings = this.#newStopStrings();
    this.#observation = episode.opening;
    this.#dialogue = new Dialogue(agent, episode);
    this.#prompt = this.#dialogue.prompt;
    this.prompt = this.#prompt.tokens;
    this.pending = this.prompt.slice(-1);
    this.#contextLength = this.prompt.length;
    if (fault !== undefined) this.#fail(fault);
    else if (this.#contextLength === 0) {
      throw new UserError(
        `${plan.name}: the prompt has no token`,
        "does the chat template render nothing?",
      );
    } else if (this.#contextLength >= maxPositions) this.truncate(maxPositions);
  }

  #newStopStrings(): StopStrings {
    return new StopStrings(this.#stopTexts, () => this.#tokenizer.stream());
  }

  get done(): boolean {
    const ended = (this.#outcome?.end ?? null) !== null;
    return ended || this.#truncated !== undefined || this.#fault !== undefined;
  }

  /** The world broke. */
  get faulty(): boolean {
    return this.#fault !== undefined;
  }

  /** Ends the episode for want of room; a turn that was begun is forgotten. @param room tokens that there is room for */
  truncate(room: number): void {
    this.#truncated = `no room for a context of ${this.#contextLength} tokens (there is room for ${room})`;
    this.#agent.note?.(`${this.plan.name}: ${this.#truncated}`);
  }

  /** A world that breaks says nothing about the policy: the episode is masked, never scored. */
  #fail(reason: string): void {
    this.#fault = reason;
    this.#agent.note?.(`${this.plan.name}: ${printable(reason)}`);
  }

  /** Takes a sampled token; at the end of a turn the world answers, and the answer is what to read next. */
  async take(token: Drawn): Promise<void> {
    this.drawn++;
    this.#turn.push(token);
    this.#contextLength++;
    this.pending = [token.token];
    this.fresh = false;
    const stopped = this.#stopStrings.push(token.token) || this.#stopIds.has(token.token);
    if (!stopped && this.#turn.length < this.#agent.maxTokensPerTurn) return;
    await this.#act();
  }

  async #act(): Promise<void> {
    const { format, timeoutMs } = this.#agent;
    const ids = this.#turn.map(({ token }) => token);
    const response = this.#tokenizer.decode(this.#withoutEnd(ids));
    const action = format.parse(response);
    let outcome: Outcome | undefined;
    let state: string | undefined;
    try {
      const key = this.#episode.stateKey();
      state = shortHash(key);
      this.retries.acts(key, action);
      outcome = await withinTime(this.#episode.step(action), timeoutMs);
      this.retries.answered(outcome);
      this.#outcome = outcome;
    } catch (error) {
      this.#fail((error as Error).message);
    }
    this.#steps.push({
      observation: this.#observation,
      ...(state === undefined ? {} : { state }),
      response,
      action,
      valid: outcome !== undefined && (format.wellFormed?.(response) ?? outcome.valid),
      reward: outcome?.reward ?? 0,
      context: this.#prompt.context,
      prompt_tokens: this.#prompt.tokens,
      tokens: ids,
      logprobs: this.#turn.map(({ logProb }) => logProb),
      entropies: this.#turn.map(({ entropy }) => entropy),
    });
    this.#turn = [];
    this.#stopStrings = this.#newStopStrings();
    if (this.done || !outcome) return;
    this.#observation = outcome.observation;
    this.#prompt = this.#dialogue.next({ tokens: ids, response, action }, outcome);
    const { context, tokens } = this.#prompt;
    this.fresh = context === "fresh";
    this.#contextLength = tokens.length + (this.fresh ? 0 : this.#contextLength);
    this.pending = this.fresh ? tokens : [...this.pending, ...tokens];
  }

  /** An added token that ends a turn is no part of what is said in it. */
  #withoutEnd(ids: readonly number[]): readonly number[] {
    const last = ids.at(-1)!;
    const isMark = this.#stopIds.has(last) && this.#tokenizer.isAdded(last);
    return isMark ? ids.slice(0, -1) : ids;
  }

  /** The finished episode. @param invalidPenalty subtracted from the return for each invalid action */
  trajectory(world: string, invalidPenalty: number): Trajectory {
    const rewards = this.#steps.reduce((sum, { reward }) => sum + reward, 0);
    const reason = this.#fault ?? this.#truncated;
    const invalid = this.#steps.filter(({ valid }) => !valid).length;
    const scores = this.faulty ? undefined : this.#episode.scores?.();
    return {
      episode: this.plan.name,
      group: this.plan.group,
      env: world,
      return: rewards - invalidPenalty * invalid,
      success: this.#outcome?.success ?? false,
      end: this.#fault === undefined ? (this.#outcome?.end ?? "truncated") : "fault",
      ...(reason === undefined ? {} : { reason }),
      ...(scores && { scores }),
      steps: this.#steps,
    };
  }

  async close(): Promise<void> {
    await this.#episode.close();
  }
}

/** 16 hexadecimal digits: among the thousands of states of a group no two share them. */
function shortHash(key: string): string {
  // In one text, since a broken world may name a state by what is none.
  const half = (name: string) => seedFor(0, `${name} ${key}`).toString(16).padStart(8, "0");
  return half("high") + half("low");
}

/** Stands for an episode that could not begin. */
export const BROKEN: Episode = {
  task: "",
  opening: "",
  step: () => Promise.reject(new Error("the episode never began")),
  admissible: () => [],
  stateKey: () => "",
  close() {},
};

/** Rejects when a world takes longer than it may; one that answers at once is not waited for. */
export async function withinTime<T>(answer: T | Promise<T>, timeoutMs: number): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `the environment did not answer within ${timeoutMs} ms`;
    timer = setTimeout(() => reject(new Error(message)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
