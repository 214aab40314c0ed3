import type { AgentFormat, Episode, Outcome } from "../env/env.ts";
import type { Drawn } from "../model/generate.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
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

/** One episode as seen from the policy: what to read next, what was written, when it is over. */
export class AgentEpisode {
  readonly plan: EpisodePlan;
  /** The opening's tokens; all but the last are shared by the group. */
  readonly prompt: readonly number[];
  /** Tokens to feed before the next draw. */
  pending: number[];
  /** Tokens drawn so far: the index of the next draw. */
  drawn = 0;
  /** Actions already tried in a state, for counting retries. */
  repeated = 0;
  readonly #episode: Episode;
  readonly #format: AgentFormat;
  readonly #tokenizer: Tokenizer;
  readonly #maxTokens: number;
  readonly #stop: number;
  readonly #timeoutMs: number;
  readonly #steps: Step[] = [];
  readonly #tried = new Set<string>();
  #observation: string;
  #promptTokens: readonly number[];
  #turn: Drawn[] = [];
  #outcome: Outcome | undefined;
  #fault: string | undefined;
  #truncated = false;

  constructor(
    plan: EpisodePlan,
    episode: Episode,
    agent: {
      format: AgentFormat;
      tokenizer: Tokenizer;
      maxTokensPerTurn: number;
      timeoutMs: number;
    },
  ) {
    this.plan = plan;
    this.#episode = episode;
    this.#format = agent.format;
    this.#tokenizer = agent.tokenizer;
    this.#maxTokens = agent.maxTokensPerTurn;
    this.#stop = agent.tokenizer.endOfTurn;
    this.#timeoutMs = agent.timeoutMs;
    this.#observation = episode.opening;
    const { instructions } = agent.format;
    const text = agent.format.opening(episode.opening);
    this.prompt = this.#tokenizer.encode(instructions ? `${instructions}\n${text}` : text);
    this.#promptTokens = this.prompt;
    this.pending = this.prompt.slice(-1);
  }

  get done(): boolean {
    const ended = (this.#outcome?.end ?? null) !== null;
    return ended || this.#truncated || this.#fault !== undefined;
  }

  /** Ends the episode for want of room; a turn that was begun is forgotten. */
  truncate(): void {
    this.#truncated = true;
  }

  /** Takes a sampled token; at the end of a turn the world answers, and the answer is what to read next. */
  async take(token: Drawn): Promise<void> {
    this.drawn++;
    this.#turn.push(token);
    this.pending = [token.token];
    if (token.token !== this.#stop && this.#turn.length < this.#maxTokens) return;
    await this.#act();
  }

  async #act(): Promise<void> {
    const ids = this.#turn.map(({ token }) => token);
    const response = this.#tokenizer.decode(ids);
    const action = this.#format.parse(response);
    const state = `${this.#episode.stateKey()}\n${action}`;
    if (this.#tried.has(state)) this.repeated++;
    this.#tried.add(state);
    try {
      this.#outcome = await withinTime(this.#episode.step(action), this.#timeoutMs);
    } catch (error) {
      // A world that breaks says nothing about the policy: the episode is masked, never scored.
      this.#fault = (error as Error).message;
    }
    this.#steps.push({
      observation: this.#observation,
      response,
      action,
      valid: this.#outcome?.valid ?? false,
      reward: this.#outcome?.reward ?? 0,
      context: "append",
      prompt_tokens: this.#promptTokens,
      tokens: ids,
      logprobs: this.#turn.map(({ logProb }) => logProb),
      entropies: this.#turn.map(({ entropy }) => entropy),
    });
    this.#turn = [];
    if (this.done || !this.#outcome) return;
    const reply = this.#tokenizer.encode(this.#format.reply(action, this.#outcome));
    this.#observation = this.#outcome.observation;
    this.#promptTokens = reply;
    this.pending = [...this.pending, ...reply];
  }

  /** The finished episode. @param invalidPenalty subtracted from the return for each invalid action */
  trajectory(world: string, invalidPenalty: number): Trajectory {
    const rewards = this.#steps.reduce((sum, { reward }) => sum + reward, 0);
    const invalid = this.#steps.filter(({ valid }) => !valid).length;
    return {
      episode: this.plan.name,
      group: this.plan.group,
      env: world,
      return: rewards - invalidPenalty * invalid,
      success: this.#outcome?.success ?? false,
      end: this.#fault === undefined ? (this.#outcome?.end ?? "truncated") : "fault",
      steps: this.#steps,
    };
  }

  async close(): Promise<void> {
    await this.#episode.close();
  }
}

/** Rejects when a world takes longer than it may; one that answers at once is not waited for. */
async function withinTime<T>(answer: T | Promise<T>, timeoutMs: number): Promise<T> {
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
