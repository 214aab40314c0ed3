import { describe, expect, test } from "bun:test";
import { Scorer } from "../../src/model/scorer.ts";
import { collect } from "../../src/rollout/collect.ts";
import { demonstrate } from "../../src/rollout/demonstrate.ts";
import { trainingGroups } from "../../src/rollout/sequences.ts";
import { openCollector, openPolicy, openText } from "../../src/train/policy.ts";
import { chatModel } from "../support/chat-model.ts";
import { countingWorld } from "../support/counting-world.ts";
import { testGpu } from "../support/device.ts";

const plans = ["a", "a", "b"].map((task, i) => ({
  ...{ name: `${task}#${i}`, group: task, task, openingSeed: 0, seed: i },
}));

test.each(["full", 0, 2] as const)(
  "with history %p, draws come from the contexts that training sees",
  async (history) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const policy = await openPolicy(gpu, scope, "chat", chatModel());
    const collector = openCollector(gpu, scope, policy, countingWorld, {
      ...{ maxTurns: 3, maxTokensPerTurn: 5, invalidActionPenalty: 0, rows: 3, history },
    });
    const sampling = { temperature: 1, topP: 1, topK: 0 };
    const { trajectories } = await collect(collector, plans, sampling);
    expect(trajectories.map(({ steps }) => steps.length)).toEqual([3, 3, 3]);

    const members = trainingGroups(trajectories).flatMap(({ prefix, members }) =>
      members.map((member) => ({
        ...member,
        before: prefix.length,
        all: [...prefix, ...member.ids],
      })),
    );
    expect(members).toHaveLength(history === "full" ? 3 : 9);
    const longest = Math.max(...members.map(({ all }) => all.length));
    const scorer = new Scorer(gpu, scope, policy.model, longest);
    let compared = 0;
    for (const { all, before, steps, trajectory } of members) {
      const [scores] = await scorer.score([all], 1);
      const drawn = trajectories[trajectory]!.steps;
      const places = steps.flatMap((step, i) => (step < 0 ? [] : [{ step, at: before + i - 1 }]));
      for (const [step, { logprobs, entropies }] of drawn.entries()) {
        const own = places.filter((place) => place.step === step);
        for (const [j, { at }] of own.entries()) {
          expect(scores!.logProbs[at]).toBeCloseTo(logprobs[j]!, 4);
          expect(scores!.entropies[at]).toBeCloseTo(entropies[j]!, 4);
          compared++;
        }
      }
    }
    const sampled = trajectories.flatMap(({ steps }) => steps.flatMap(({ tokens }) => tokens));
    expect(compared).toBe(sampled.length);
  },
  300_000,
);

test("an episode without room for its opening is cut off, and its neighbours play on", async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const policy = await openPolicy(gpu, scope, "chat", chatModel());
  const world = {
    ...countingWorld,
    async start(task: string, seed: number, turns?: number) {
      const episode = await countingWorld.start(task, seed, turns);
      return task === "b" ? { ...episode, opening: "long ".repeat(300) } : episode;
    },
  };
  const play = { maxTurns: 2, maxTokensPerTurn: 3, invalidActionPenalty: 0, rows: 3 };
  const collector = openCollector(gpu, scope, policy, world, play);
  const { trajectories } = await collect(collector, plans, { temperature: 1, topP: 1, topK: 0 });
  expect(trajectories.map(({ steps }) => steps.length)).toEqual([2, 2, 0]);
  expect(trajectories[2]!.end).toBe("truncated");
  expect(trajectories[2]!.reason).toMatch(
    /^no room for a context of \d{3,} tokens \(there is room for 256\)$/,
  );
});

test("an expert speaks in the turns of the template", async () => {
  const { tokenizer, template } = openText("chat", chatModel());
  const plan = { ...plans[0]!, maxTurns: 2, mistakes: { rate: 0, seed: 0 } };
  const { steps } = await demonstrate(countingWorld, { tokenizer, template: template! }, plan);
  const text = steps.map(({ prompt_tokens, tokens }) =>
    [prompt_tokens, tokens].map((ids) => tokenizer.decode(ids)),
  );
  const turn = (role: string, said: string) => `<|im_start|>${role}\n${said}<|im_end|>\n`;
  expect(text).toEqual([
    [
      `${turn("system", "Play well.")}${turn("user", "Begin.")}<|im_start|>assistant\n`,
      "count 1<|im_end|>",
    ],
    [`\n${turn("user", "seen 1 after count 1")}<|im_start|>assistant\n`, "count 2<|im_end|>"],
  ]);
});

test("a tokenizer with ids beyond the model's vocabulary is refused", () => {
  expect(() => openText("dir", chatModel(704))).toThrow(
    "dir: tokenizer.json has ids up to 704, config.json says vocab_size 704",
  );
  expect(openText("dir", chatModel(705)).tokenizer.vocabularySize).toBe(705);
});

describe("a world that breaks is masked, never scored, and its neighbours play on", () => {
  const broken = () => {
    throw new Error("the server is gone");
  };
  const late = () => new Promise<never>(() => {});

  test.each([
    ["at the start", { start: broken }, [2, 0, 2]],
    ["by never starting", { start: late }, [2, 0, 2]],
    ["in a step", { step: broken }, [2, 1, 2]],
    ["by never answering", { step: late }, [2, 1, 2]],
    ["when asked for its state", { stateKey: broken }, [2, 1, 2]],
  ] as const)("%s", async (_, fault, steps) => {
    const { trajectories } = await playWith((task) => (task === "b" ? fault : {}), ["a", "b", "a"]);
    expect(trajectories.map((trajectory) => trajectory.steps.length)).toEqual([...steps]);
    expect(trajectories.map(({ end }) => end === "fault")).toEqual([false, true, false]);
    expect(trajectories[1]!.reason).toMatch(/the server is gone|did not answer within 50 ms/);
    for (const { valid, reward } of trajectories[1]!.steps)
      expect([valid, reward]).toEqual([false, 0]);
  });

  test("at its end: what was played is played", async () => {
    const { trajectories, notes } = await playWith(() => ({ close: broken }), ["a"]);
    expect(trajectories[0]!.end).not.toBe("fault");
    expect(notes.join()).toContain("not closed: the server is gone");
  });

  interface Fault {
    readonly start?: () => never | Promise<never>;
    readonly step?: () => never | Promise<never>;
    readonly stateKey?: () => never;
    readonly close?: () => never;
  }

  async function playWith(faultOf: (task: string) => Fault, tasks: readonly string[]) {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const policy = await openPolicy(gpu, scope, "chat", chatModel());
    const world = {
      ...countingWorld,
      async start(task: string, seed: number, turns?: number) {
        const { start, ...fault } = faultOf(task);
        if (start) return start();
        return { ...(await countingWorld.start(task, seed, turns)), ...fault };
      },
    };
    const notes: string[] = [];
    const play = { maxTurns: 2, maxTokensPerTurn: 3, invalidActionPenalty: 0, rows: 2 };
    const collector = openCollector(gpu, scope, policy, world, {
      ...{ ...play, timeoutMs: 50, note: (line: string) => void notes.push(line) },
    });
    const groups = tasks.map((task, i) => ({
      ...{ name: `e${i}`, group: `${i}`, task, openingSeed: i, seed: i },
    }));
    const sampling = { temperature: 1, topP: 1, topK: 0 };
    const { trajectories } = await collect(collector, groups, sampling);
    return { trajectories, notes };
  }
});
