import type { World } from "../env/env.ts";
import type { ModelText } from "../text/model-text.ts";
import { Dialogue, spoken, textOf } from "./dialogue.ts";
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
  text: ModelText,
  plan: DemonstrationPlan,
  history: "full" | number = "full",
): Promise<Trajectory> {
  const { format } = world;
  const episode = await world.start(plan.task, plan.openingSeed, plan.maxTurns);
  const expert = world.expert(episode, plan.mistakes.rate > 0 ? plan.mistakes : undefined);
  const steps: Step[] = [];
  const dialogue = new Dialogue({ format, text, history }, episode);
  let observation = episode.opening;
  let { prompt } = dialogue;
  for (;;) {
    const action = expert.next();
    const response = format.respond(action);
    const outcome = await episode.step(action);
    const tokens = spoken(textOf(format, text), response);
    steps.push({
      observation,
      response,
      action,
      valid: outcome.valid,
      reward: outcome.reward,
      context: prompt.context,
      prompt_tokens: prompt.tokens,
      tokens,
      logprobs: tokens.map(() => 0),
      entropies: tokens.map(() => 0),
    });
    if (outcome.end !== null) {
      const scores = episode.scores?.();
      await episode.close();
      return {
        episode: plan.name,
        group: plan.group,
        env: world.name,
        return: steps.reduce((sum, { reward }) => sum + reward, 0),
        success: outcome.success,
        end: outcome.end,
        ...(scores && { scores }),
        steps,
      };
    }
    observation = outcome.observation;
    prompt = dialogue.next({ tokens, response, action }, outcome);
  }
}
