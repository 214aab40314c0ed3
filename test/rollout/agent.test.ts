import { describe, expect, test } from "bun:test";
import type { AgentFormat, Episode } from "../../src/env/env.ts";
import { compact } from "../../src/env/textcraft/format.ts";
import { TextCraft } from "../../src/env/textcraft/world.ts";
import { openModel } from "../../src/model/builtin.ts";
import { AgentEpisode, type AgentOptions } from "../../src/rollout/agent.ts";
import { trainingGroups } from "../../src/rollout/sequences.ts";
import { readModelText } from "../../src/text/model-text.ts";
import { countingEpisode, plainFormat } from "../support/counting-world.ts";
import { chatText } from "../text/chat.ts";

const PLAN = { name: "e", group: "g", task: "t", openingSeed: 0, seed: 0 };
const chatml = chatText("chatml");
const reasoning = chatText("reasoning");
const { tokenizer } = chatml;

const OPTIONS: AgentOptions = {
  format: plainFormat,
  text: chatml,
  history: "full",
  maxTokensPerTurn: 100,
  timeoutMs: 1000,
  maxPositions: 1000,
};

/** Plays the ids of each turn as if they had been drawn. @returns the trajectory, and what was fed before each turn */
async function play(options: Partial<AgentOptions>, turns: readonly number[][], world?: Episode) {
  const episode = new AgentEpisode(PLAN, world ?? countingEpisode(turns.length), {
    ...OPTIONS,
    ...options,
  });
  let fed = episode.prompt.slice(0, -1);
  const contexts: number[][] = [];
  for (const turn of turns) {
    for (const [i, token] of turn.entries()) {
      fed = episode.fresh ? [...episode.pending] : [...fed, ...episode.pending];
      if (i === 0) contexts.push([...fed]);
      await episode.take({ token, logProb: -token, entropy: token });
    }
  }
  return { episode, trajectory: episode.trajectory("w", 0), contexts };
}

/** Tokens that encoding the text would not choose: one for each character. */
const spelled = (text: string) => Array.from(text, (c) => tokenizer.encode(c)).flat();
const turn = (role: string, said: string) => `<|im_start|>${role}\n${said}<|im_end|>\n`;

test("validity is what the format says of a response, where it says something", async () => {
  const format: AgentFormat = { ...plainFormat, wellFormed: (response) => response === "go" };
  const say = (text: string) => [...spelled(text), tokenizer.endOfTurn];
  const valid = async (options: Partial<AgentOptions>) =>
    (await play(options, [say("go"), say("stay")])).trajectory.steps.map((step) => step.valid);
  expect(await valid({ format })).toEqual([true, false]);
  expect(await valid({})).toEqual([true, true]);
});

test("a step keeps a short hash of the world's own name for the state it acted from", async () => {
  const states = ["hall", "cellar", "hall", "hall."];
  const inner = countingEpisode(4);
  let at = 0;
  const world = { ...inner, stateKey: () => states[at++]! };
  const go = [...spelled("go"), tokenizer.endOfTurn];
  const { trajectory } = await play({}, [go, go, go, go], world);
  const found = trajectory.steps.map(({ state }) => state!);
  for (const state of found) expect(state).toMatch(/^[0-9a-f]{16}$/);
  expect(found[2]).toBe(found[0]!);
  expect(new Set(found).size).toBe(3);
});

describe("one growing context", () => {
  const thought = "<think>\nHm.\n</think>\n\ngo";
  const drawn = [...spelled(thought), tokenizer.endOfTurn];

  test("sampled ids are trained on as they were sampled, though the template strips reasoning", async () => {
    const { trajectory, contexts } = await play({ text: reasoning }, [drawn, drawn, drawn]);
    expect(trajectory.steps.map(({ tokens }) => tokens)).toEqual([drawn, drawn, drawn]);
    expect(trajectory.steps.map(({ action }) => action)).toEqual(["go", "go", "go"]);
    expect(trajectory.steps[0]!.response).toBe(thought);

    const [group] = trainingGroups([trajectory]);
    const { ids, steps } = group!.members[0]!;
    const own = (step: number) => ids.filter((_, i) => steps[i] === step);
    expect([own(0), own(1), own(2)]).toEqual([drawn, drawn, drawn]);
    // What was fed before the last turn is what stands before it in training.
    const before = [...group!.prefix, ...ids.slice(0, steps.indexOf(2))];
    expect(contexts[2]).toEqual(before);
    // Encoding the conversation again gives other ids, and no reasoning in the earlier turns.
    const messages = [
      { role: "user", content: "Begin." },
      { role: "assistant", content: thought },
      { role: "user", content: "seen 1 after go" },
    ];
    expect(reasoning.template(messages)).not.toContain("Hm.");
    expect(tokenizer.decode(before)).toContain("Hm.");
    expect(tokenizer.encodeMarkup(tokenizer.decode(before))).not.toEqual(before);
  });

  test("what the template adds between turns is trained on by nobody", async () => {
    const cut = spelled("go");
    const { trajectory } = await play({ maxTokensPerTurn: 2 }, [cut, cut]);
    const [group] = trainingGroups([trajectory]);
    const { ids, steps } = group!.members[0]!;
    const added = ids.filter((_, i) => steps[i] === -1 && i > 0);
    expect(tokenizer.decode(added)).toBe(
      `<|im_end|>\n${turn("user", "seen 1 after go")}<|im_start|>assistant\n`,
    );
    expect(added[0]).toBe(tokenizer.endOfTurn);
  });

  test("begins with the world's instructions and its opening", async () => {
    const { contexts } = await play({}, [drawn]);
    expect(tokenizer.decode(contexts[0]!)).toBe(
      `${turn("system", "Play well.")}${turn("user", "Begin.")}<|im_start|>assistant\n`,
    );
  });
});

describe("a prompt for every turn", () => {
  const say = (text: string) => [...tokenizer.encode(text), tokenizer.endOfTurn];
  const turns = ["one", "two", "three", "four"].map(say);

  test("tells of the last turns, and is all of its context", async () => {
    const { trajectory, contexts } = await play({ history: 2 }, turns);
    expect(trajectory.steps.map(({ context }) => context)).toEqual(Array(4).fill("fresh"));
    expect(trajectory.steps.map(({ prompt_tokens }) => prompt_tokens)).toEqual(contexts);
    const said = contexts.map((ids) => tokenizer.decode(ids).split("<|im_start|>")[2]!);
    expect(said[0]).toBe("user\nBegin.<|im_end|>\n");
    expect(said[3]).toMatchInlineSnapshot(`
      "user
      Begin.

      Turns taken: 3. The last 2:
      [Turn 2: 'two' was answered 'seen 2 after two']
      [Turn 3: 'three']
      Now you read:
      seen 3 after three<|im_end|>
      "
    `);
    const groups = trainingGroups([trajectory]);
    expect(groups.map(({ prefix, members }) => [...prefix, ...members[0]!.ids])).toEqual(
      trajectory.steps.map(({ prompt_tokens, tokens }) => [...prompt_tokens, ...tokens]),
    );
  });

  test("may tell of none", async () => {
    const { contexts } = await play({ history: 0 }, turns.slice(0, 2));
    expect(tokenizer.decode(contexts[1]!)).toContain(
      "Begin.\n\nTurns taken: 1.\nNow you read:\nseen 1 after one<|im_end|>",
    );
  });

  test("is phrased by the format where it has words for it", async () => {
    const recall: AgentFormat["recall"] = ({ taken, past, observation, admissible }) =>
      `${taken}|${past.map((p) => `${p.observation}>${p.action}`).join()}|${observation}|${admissible}`;
    const { contexts } = await play({ history: 1, format: { ...plainFormat, recall } }, turns);
    expect(tokenizer.decode(contexts[2]!)).toContain(
      "user\n2|seen 1 after one>two|seen 2 after two|do 2,wait<|im_end|>",
    );
  });
});

describe("a turn ends", () => {
  const ended = async (options: Partial<AgentOptions>, ids: readonly number[]) => {
    const episode = new AgentEpisode(PLAN, countingEpisode(5), { ...OPTIONS, ...options });
    for (const token of ids) {
      await episode.take({ token, logProb: 0, entropy: 0 });
      if (episode.trajectory("w", 0).steps.length > 0) break;
    }
    return episode.trajectory("w", 0).steps[0];
  };
  const text = "<action>go</action> and more";

  test("at a stop string, the closing tag kept, whatever its tokens are", async () => {
    const step = await ended({ stop: ["</action>"] }, spelled(text));
    expect(step!.response).toBe("<action>go</action>");
    const format = { ...plainFormat, stopStrings: ["</action>"] };
    expect((await ended({ format }, spelled(text)))!.response).toBe("<action>go</action>");
    // What the run says goes before what the format says.
    expect((await ended({ format, stop: [] }, spelled(text)))?.response).toBeUndefined();
  });

  test("at any token that ends a turn, which is no part of what was said", async () => {
    const endOfText = tokenizer.idOf("<|endoftext|>")!;
    const both = { ...tokenizer, stops: new Set([tokenizer.endOfTurn, endOfText]) };
    const ids = [...spelled("go"), endOfText];
    const step = await ended({ text: { ...chatml, tokenizer: both } }, [...ids, 1, 1]);
    expect([step!.response, step!.tokens]).toEqual(["go", ids]);
    expect((await ended({}, [...ids, 1, 1]))?.response).toBeUndefined();
  });

  test("at the format's own stop, be it a token or not", async () => {
    const format = { ...plainFormat, stop: "\n" };
    const step = await ended({ format }, [...spelled("go\n"), ...spelled("more")]);
    expect(step!.response).toBe("go\n");
    const words = { ...plainFormat, stop: " STOP!" };
    expect((await ended({ format: words }, spelled("go STOP! on")))!.response).toBe("go STOP!");
  });
});

test("an opening longer than the context leaves no turn, and the record says how long it is", async () => {
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  const { episode, trajectory } = await play({ maxPositions: 20, note }, []);
  const length = episode.prompt.length;
  expect(length).toBeGreaterThan(20);
  expect(episode.done).toBe(true);
  const reason = `no room for a context of ${length} tokens (there is room for 20)`;
  expect(trajectory).toMatchObject({ episode: "e", end: "truncated", steps: [], reason });
  expect(notes).toEqual([`e: ${reason}`]);
});

test("a world that breaks is a fault, and the record says what it said", async () => {
  const notes: string[] = [];
  const broken = {
    ...countingEpisode(3),
    step: () => Promise.reject(new Error("the server is gone")),
  };
  const note = (line: string) => notes.push(line);
  const { trajectory } = await play({ note }, [[tokenizer.endOfTurn]], broken);
  expect(trajectory).toMatchObject({ end: "fault", reason: "the server is gone" });
  expect(notes).toEqual(["e: the server is gone"]);
});

test("the built-in model's episodes are texts one after another, as they are", async () => {
  const text = readModelText(openModel("builtin:tiny"), "builtin:tiny");
  const ids = (words: string) => text.tokenizer.encode(words);
  const world = new TextCraft({ option: { distractors: "0" } });
  const episode = world.start("stick", 0, 3);
  const turns = ["get 2 bamboo\n", "inventory\n", "get 1 stick\n"].map(ids);
  const options = { text, format: compact, maxTokensPerTurn: 24 };
  const { trajectory } = await play(options, turns, episode);
  const steps = trajectory.steps.map(({ context, prompt_tokens, response }) => [
    ...[context, prompt_tokens, response],
  ]);
  expect(steps).toEqual([
    ["append", ids(compact.opening(episode.opening)), "get 2 bamboo \n"],
    ["append", ids("ok"), "inventory \n"],
    ["append", ids("have 2 bamboo\n"), "get 1 stick \n"],
  ]);
});

test("with the built-in model's format, turns that are left out might not have been", () => {
  const past = [{ observation: "", action: "craft 1 a using 1 b, 2 c", reply: "ok" }];
  const opening = new TextCraft().start("stick", 0).opening;
  const scene = { opening, taken: 3, past, observation: "", shown: "ok", admissible: [] };
  expect(compact.recall?.(scene)).toBe(`${compact.opening(opening)}craft 1 a using 1 b , 2 c\nok `);
});
