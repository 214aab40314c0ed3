import type { AgentFormat, Episode, Outcome, World } from "../../src/env/env.ts";

/** An episode that says a number, one more each turn, and ends after so many turns. */
export function countingEpisode(turns: number): Episode {
  let turn = 0;
  const step = (action: string): Outcome => ({
    ...{ observation: `seen ${++turn} after ${action}`, reward: 0, valid: true, success: false },
    end: turn === turns ? "terminated" : null,
  });
  return {
    task: "t",
    opening: "Begin.",
    step,
    admissible: () => [`do ${turn}`, "wait"],
    stateKey: () => "",
    close() {},
  };
}

/** Texts as they are; an action is what stands after the last tag. */
export const plainFormat: AgentFormat = {
  name: "plain",
  instructions: "Play well.",
  stop: "<|im_end|>",
  opening: (observation) => observation,
  reply: (_, { observation }) => observation,
  parse: (response) => response.slice(response.lastIndexOf(">") + 1).trim(),
  respond: (action) => action,
};

/** A world of such episodes; its expert counts too. */
export const countingWorld: World = {
  name: "counting",
  splits: { train: ["a", "b"], test: ["c"] },
  format: plainFormat,
  start: (_, __, turns = 3) => countingEpisode(turns),
  expert: () => {
    let turn = 0;
    return { next: () => `count ${++turn}` };
  },
};
