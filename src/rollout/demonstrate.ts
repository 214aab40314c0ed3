import type { World } from "../env/env.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { Step, Trajectory } from "./trajectory.ts";

/** What one demonstration is. */
export interface DemonstrationPlan {
  readonly name: string;
  readonly group: string;
  readonly task: string;
  readonly openingSeed: number;
  readonly maxTurns: number;
  /** Mistakes on purpose: the chance at each turn, and their seed. */
  readonly mistakes: { readonly rate: number; readonly seed: number };
}

/** The expert plays one episode; its turns are recorded in the tokens an agent would have written. */
export async function demonstrate(
  world: World,
  tokenizer: Tokenizer,
  plan: DemonstrationPlan,
): Promise<Trajectory> {
  const { format } = world;
  const episode = await world.start(plan.task, plan.openingSeed, plan.maxTurns);
  const expert = world.expert(episode, plan.mistakes.rate > 0 ? plan.mistakes : undefined);
  const steps: Step[] = [];
  const opening = format.opening(episode.opening);
  let observation = episode.opening;
  let promptTokens = tokenizer.encode(
    format.instructions ? `${format.instructions}\n${opening}` : opening,
  );
  for (;;) {
    const action = expert.next();
    const response = format.respond(action);
    const outcome = await episode.step(action);
    const tokens = tokenizer.encode(response);
    steps.push({
      observation,
      response,
      action,
      valid: outcome.valid,
      reward: outcome.reward,
      context: "append",
      prompt_tokens: promptTokens,
      tokens,
      logprobs: tokens.map(() => 0),
      entropies: tokens.map(() => 0),
    });
    if (outcome.end !== null) {
      await episode.close();
      return {
        episode: plan.name,
        group: plan.group,
        env: world.name,
        return: steps.reduce((sum, { reward }) => sum + reward, 0),
        success: outcome.success,
        end: outcome.end,
        steps,
      };
    }
    observation = outcome.observation;
    promptTokens = tokenizer.encode(format.reply(action, outcome));
  }
}
