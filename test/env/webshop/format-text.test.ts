import { describe, expect, test } from "bun:test";
import { text } from "../../../src/env/webshop/format-text.ts";
import { readPage } from "../../../src/env/webshop/page-text.ts";
import { after, littleShop, startFor } from "./little-shop.ts";

const enter = () => startFor(littleShop({ format: "text" }), "C100");
const TASK = /^Find me easy to clean flower pots, and price lower than \d0\.00 dollars$/;

test("the first turn shows task, page and what can be done, a line each", () => {
  const episode = enter();
  const { goal, opening } = episode;
  expect(goal.text).toMatch(TASK);
  expect(text.opening(opening, episode.admissible())).toBe(
    `Your task is to: ${goal.text}\nYou see: 'Search'\n\nYour admissible actions: [\n` +
      "'search[<your query>]',\n'click[search]',\n].",
  );
});

test("later turns show the segments after the task, in quotes; the last page has no task and stays raw", () => {
  const episode = enter();
  const outcome = episode.step("search[woollen]");
  expect(text.reply("search[woollen]", outcome, episode.admissible())).toBe(
    "You see: 'Back to Search' [SEP] 'Page 1 (Total results: 1)' [SEP] 'Next >' [SEP] 'B000000001' [SEP] " +
      "'Woollen Winter Scarf' [SEP] '$12.5'\n\nYour admissible actions: [\n'click[back to search]',\n" +
      "'click[next >]',\n'click[b000000001]',\n].",
  );
  episode.step("click[b000000001]");
  const last = episode.step("click[buy now]");
  expect(text.reply("click[buy now]", last, episode.admissible())).toStartWith(
    "You see: Thank you for shopping with us! [SEP] Your code: [SEP] None",
  );
});

describe("a prompt that stands alone", () => {
  const sceneOf = (count: number) => {
    const episode = enter();
    const past = Array.from({ length: count }, (_, i) => {
      const action = `search[pot ${i}]`;
      const observation = i === 0 ? episode.opening : after(episode, `search[pot ${i - 1}]`);
      return { observation, action, reply: "" };
    });
    const observation = after(episode, "search[woollen]");
    const admissible = episode.admissible();
    return { opening: episode.opening, taken: 5, past, observation, shown: "", admissible };
  };

  test("names the steps taken and numbers the last turns", () => {
    const told = text.recall!(sceneOf(2));
    expect(told).toMatch(
      /^Your task is to: Find me easy to clean flower pots, and price lower than/,
    );
    expect(told).toContain("Steps taken so far: 5. The last 2:\n[Observation 4: ''Search''");
    expect(told).toContain(
      "'', Action 4: 'search[pot 0]']\n[Observation 5: ''Back to Search' [SEP] 'Page 1",
    );
    expect(told).toContain(
      "'', Action 5: 'search[pot 1]']\nThis is step 6, and you see: 'Back to Search' [SEP] ",
    );
    expect(told).toEndWith(
      "Your admissible actions: [\n'click[back to search]',\n'click[next >]',\n'click[b000000001]',\n].",
    );
  });

  /** The scene with so many characters that its whole prompt has `length` of them. */
  const sceneOfLength = (length: number, letter = "x") => {
    const scene = sceneOf(1);
    const observed = (observation: string) => ({
      ...scene,
      past: [{ ...scene.past[0]!, observation }],
    });
    const rest = [...`${text.instructions}\n${text.recall!(observed(""))}`].length;
    return observed(letter.repeat(length - rest));
  };

  test.each(["x", "😀"])(
    "of more than 13,000 characters, instructions and all, is told as a first one: %s",
    (letter) => {
      const longest = sceneOfLength(13_000, letter);
      const told = text.recall!(longest);
      expect([...`${text.instructions}\n${told}`]).toHaveLength(13_000);
      expect(told).toContain(letter.repeat(3));
      const { opening, observation, admissible } = longest;
      const { task } = readPage(opening);
      const first = text.opening(observation, admissible);
      expect(text.recall!(sceneOfLength(13_001, letter))).toBe(first);
      expect(first).toStartWith(`Your task is to: ${task}\nYou see: 'Back to Search' [SEP] `);
    },
  );

  test("without past turns is told as a first one", () => {
    const scene = { ...sceneOf(1), past: [] };
    expect(text.recall!(scene)).toBe(text.opening(scene.observation, scene.admissible));
  });
});

describe("a response", () => {
  test.each([
    ["<think>so</think><action> Click[Buy Now] </action> and more", "click[buy now]"],
    ["<action>a</action><action>b</action>", "a"],
    ["</action><action>search[x]", ""],
    ["<ACTION>search[Red]</Action>", "search[red]"],
    ["I want to click on it: CLICK[BUY NOW]", "n it: click[buy now]"],
    ["<action>search[x]", "<action>search[x]"],
    ["😀".repeat(30), "😀".repeat(20)],
    ["", ""],
  ])("%p means %p", (response, action) => {
    expect(text.parse(response)).toBe(action);
  });

  test.each([
    ["<think>t</think><action>nonsense</action>", true],
    ["<think>t</think><ACTION>search[x]</ACTION>", true],
    ["</think><think></action><action>", true],
    ["<THINK>t</THINK><action>search[x]</action>", false],
    ["<action>search[x]</action>", false],
    ["<think>t</think>search[x]", false],
    ["<think>红</think><action>search[x]</action>", false],
    ["<think>カナ</think><action>search[x]</action>", true],
    ["", false],
  ])("%p is well-formed: %p", (response, isWell) => {
    expect(text.wellFormed!(response)).toBe(isWell);
  });

  test("of the expert is well-formed and means its action", () => {
    const action = "search[red scarf]";
    expect(text.wellFormed!(text.respond(action))).toBe(true);
    expect(text.parse(text.respond(action))).toBe(action);
  });
});
