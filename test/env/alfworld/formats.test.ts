import { describe, expect, test } from "bun:test";
import { FORMATS } from "../../../src/env/alfworld/format.ts";
import { tokenizerJson, vocabulary } from "../../../src/env/alfworld/vocabulary.ts";
import { Alfworld } from "../../../src/env/alfworld/world.ts";
import type { AgentFormat } from "../../../src/env/env.ts";
import { readTokenizer } from "../../../src/text/read-tokenizer.ts";
import { enter, GOALS } from "./little-house.ts";

const compact = FORMATS.compact as AgentFormat;
const text = FORMATS.text as AgentFormat;
const world = new Alfworld();
const tasks = (world.splits.train ?? []).filter((_, i) => i % 50 === 0);

describe("compact", () => {
  test("an episode reads like this", () => {
    const episode = enter(GOALS.Pick);
    let read = compact.opening(episode.opening.replace("do it", "put some apple on shelf"));
    for (const command of [
      ...["look", "inventory", "go to fridge 1", "cool apple 1 with fridge 1", "open fridge 1"],
      ...["take apple 1 from fridge 1", "examine apple 1", "cool apple 1 with fridge 1"],
      ...[
        "examine apple 1",
        "inventory",
        "help",
        "go to shelf 1",
        "look",
        "move apple 1 to shelf 1",
      ],
    ]) {
      read += compact.respond(command);
      const reply = compact.reply(command, episode.step(command));
      read += reply.endsWith("\n") ? reply : `${reply}\n`;
    }
    expect(read).toMatchInlineSnapshot(`
      "task pick apple shelf
      bathtubbasin 1 , cabinet 1 , countertop 1 , drawer 1 , fridge 1 , microwave 1 , shelf 1 , sinkbasin 1
      task pick apple shelf
      look
      middle
      inventory
      carry nothing
      go fridge 1
      closed
      cool apple 1 fridge 1
      no
      open fridge 1
      see apple 1
      take apple 1 fridge 1
      ok
      examine apple 1
      plain
      cool apple 1 fridge 1
      no
      examine apple 1
      plain
      inventory
      carry apple 1
      help
      help
      go shelf 1
      see knife 1 , mug 1
      look
      facing countertop 1 , drawer 1 , shelf 1 , see nothing
      move apple 1 shelf 1
      ok
      "
    `);
  });

  test.each([
    ["put a mug in shelf", "pick mug shelf"],
    ["put some mug on shelf", "pick mug shelf"],
    ["put a clean mug in shelf", "clean mug shelf"],
    ["clean some mug and put it in shelf", "clean mug shelf"],
    ["put a hot mug in shelf", "heat mug shelf"],
    ["cool some mug and put it in shelf", "cool mug shelf"],
    ["put two mug in shelf", "pick2 mug shelf"],
    ["find two mug and put them in shelf", "pick2 mug shelf"],
    ["look at mug under the desklamp", "look mug desklamp"],
    ["examine the mug with the desklamp", "look mug desklamp"],
    ["Put a mug away, please", "put a mug away, please"],
  ])("%s", (task, short) => {
    const { opening } = enter();
    expect(compact.opening(opening.replace("do it", task))).toStartWith(`task ${short}\n`);
  });

  test("every state of an examined object keeps its words", () => {
    const said = (observation: string) =>
      compact.reply("examine apple 1", {
        ...{ observation, reward: 0, end: null, valid: true, success: false },
      });
    expect(said("This is a hot and clean sliced apple 1.")).toBe("is hot clean sliced\n");
    expect(said("This is a cold apple 1.")).toBe("is cold\n");
    expect(said("This is a normal mug 2. In it, you see a pen 1, and a key 2.")).toBe(
      "is normal , see pen 1 , key 2\n",
    );
    expect(said("There's nothing special about apple 1.")).toBe("plain");
  });

  test("whatever an expert plays and reads is made of the vocabulary", () => {
    const tokenizer = readTokenizer(tokenizerJson(), "tokenizer.json");
    const unknown = tokenizer.idOf("<unk>") as number;
    expect(tokenizer.vocabularySize).toBe(vocabulary().length);
    for (const [seed, id] of tasks.entries()) {
      const episode = world.start(id, 0, 50);
      const expert = world.expert(episode, { rate: 0.3, seed });
      let read = compact.opening(episode.opening);
      for (;;) {
        const action = expert.next();
        const outcome = episode.step(action);
        read += `${compact.respond(action)}${compact.reply(action, outcome)} `;
        if (outcome.end !== null) break;
      }
      expect(tokenizer.encode(read)).not.toContain(unknown);
    }
  });
});

describe("text", () => {
  test("shows what can be done, without help, every turn", () => {
    const episode = enter();
    expect(text.opening(episode.opening, episode.admissible())).toEndWith(
      "do it.\n\nYour admissible actions: ['go to bathtubbasin 1'\n 'go to cabinet 1'\n " +
        "'go to countertop 1'\n 'go to drawer 1'\n 'go to fridge 1'\n 'go to microwave 1'\n " +
        "'go to shelf 1'\n 'go to sinkbasin 1'\n 'inventory'\n 'look'].",
    );
    const outcome = episode.step("go to fridge 1");
    expect(text.reply("go to fridge 1", outcome, episode.admissible())).toStartWith(
      "You arrive at fridge 1. The fridge 1 is closed.\n\nYour admissible actions: ['examine fridge 1'",
    );
    expect(text.reply("go to fridge 1", outcome)).toBe(outcome.observation);
  });

  test.each([
    ["<think>cold</think><action>go to fridge 1</action>", "go to fridge 1"],
    ["<think>x</think>\n<ACTION> Go To Fridge 1\n</action> and more", "go to fridge 1"],
    ["<action>look</action><action>inventory</action>", "look"],
    ["I go to the fridge and open it", "i go to the fridge and open it".slice(-30)],
    ["look", "look"],
    ["", ""],
    ["</action><action>", ""],
  ])("%p is understood as %p", (response, action) => {
    expect(text.parse(response)).toBe(action);
  });

  test("a later turn by itself tells the task, the last turns, and what is seen now", () => {
    const episode = enter();
    const commands = ["go to shelf 1", "take mug 1 from shelf 1", "inventory"];
    let observation = episode.opening;
    const past = commands.map((action) => {
      const turn = { observation, action, reply: "" };
      observation = episode.step(action).observation;
      return turn;
    });
    const scene = {
      ...{ opening: episode.opening, taken: 3, past: past.slice(1), observation, shown: "" },
      admissible: ["look", "help", "inventory"],
    };
    expect(text.recall?.(scene)).toMatchInlineSnapshot(`
      "Your task is to: do it.
      Steps taken so far: 3. The last 2:
      [Observation 2: 'You arrive at shelf 1. On the shelf 1, you see a knife 1, and a mug 1.', Action 2: 'take mug 1 from shelf 1']
      [Observation 3: 'You pick up the mug 1 from the shelf 1.', Action 3: 'inventory']
      This is step 4, and you see: You are carrying: a mug 1.

      Your admissible actions: ['look'
       'inventory']."
    `);
    expect(compact.recall?.({ ...scene, past: [{ ...past[2]!, reply: "carry mug 1\n" }] })).toBe(
      `${compact.opening(episode.opening)}inventory\ncarry mug 1\n `,
    );
  });

  test("rewards are 1, or 10 on request", () => {
    for (const reward of ["1", "10"]) {
      const episode = new Alfworld({ option: { reward } }).start("kitchen-1/pick/1", 0);
      const expert = world.expert(episode);
      const rewards: number[] = [];
      for (;;) {
        const outcome = episode.step(expert.next());
        rewards.push(outcome.reward);
        if (outcome.end !== null) break;
      }
      expect(rewards.pop()).toBe(Number(reward));
      expect(new Set(rewards)).toEqual(new Set([0]));
    }
  });
});

test.each(Object.values(FORMATS).map((format) => [format.name, format] as const))(
  "%s: parse undoes respond for every command, of either release",
  (_, format) => {
    const commands = new Set(["put apple 1 in/on shelf 1", "look", "slice apple 1 with knife 2"]);
    for (const id of tasks) {
      const episode = world.start(id, 0, 50);
      const expert = world.expert(episode);
      for (;;) {
        for (const command of episode.admissible()) commands.add(command);
        if (episode.step(expert.next()).end !== null) break;
      }
    }
    expect(commands.size).toBeGreaterThan(500);
    for (const command of commands) expect(format.parse(format.respond(command))).toBe(command);
  },
);

test("in format text validity is the response's form, as in verl-agent's wrapper", () => {
  const form = (response: string) => text.wellFormed!(response);
  expect(form("<think>a</think><action>fly away</action>")).toBe(true);
  expect(form("<think>a</think><ACTION>look</ACTION>")).toBe(true);
  expect(form("look")).toBe(false);
  expect(form("<action>look</action>")).toBe(false);
  expect(form("<THINK>a</THINK><action>look</action>")).toBe(false);
  expect(form("<think>看</think><action>look</action>")).toBe(false);
  expect(form("<think>a</think><action>look")).toBe(false);
});
