/** Whatever an agent writes, an episode keeps its rules. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { followsFormat } from "../../../src/env/deepsearch/format-automaton.ts";
import { STANDARD } from "../../../src/env/deepsearch/protocol.ts";
import { REWARDS } from "../../../src/env/deepsearch/rewards.ts";
import { littleEpisode, Watched } from "./little-world.ts";

const TAGS = ["think", "search", "information", "answer"].flatMap((name) => [
  `<${name}>`,
  `</${name}>`,
]);
const pieces = fc.constantFrom(
  ...[...TAGS, ...TAGS, "<think>t</think>", "<search>Ada</search>", "<answer>Dorn</answer>"],
  ...[
    "<answer>river Dorn</answer>",
    "<search>Corin</search>",
    "<search> </search>",
    "<SEARCH>Zel</SEARCH>",
  ],
  ...[
    "Dorn",
    "\n",
    " ",
    "<",
    ">",
    "</",
    "<|im_end|>",
    "<<search>>",
    "\ud800",
    "\0",
    "🙂",
    "&lt;search>",
  ],
);
const turn = fc.array(pieces, { maxLength: 9 }).map((some) => some.join(""));
const turns = fc.array(turn, { minLength: 6, maxLength: 6 });
const MOST_TURNS = 4;

test("hostile episodes end in time, earn what their reward allows, and keep a whole transcript", async () => {
  const bounds: Record<string, readonly [number, number]> = {
    ...{
      em: [0, 1],
      subem: [0, 1],
      f1: [0, 1],
      "search-r1-format": [0, 1],
      deepresearcher: [-1, 1],
    },
    ...{ "r1-searcher": [-1, 2], "r1-searcher-2": [-2, 1], asearcher: [0, 1], tinker: [-0.1, 1] },
  };
  expect(Object.keys(bounds)).toEqual(Object.keys(REWARDS));
  const names = fc.constantFrom(...Object.keys(REWARDS));
  const modes = fc.constantFrom("notice", "empty", "block", "terminate" as const);
  await fc.assert(
    fc.asyncProperty(turns, names, modes, fc.boolean(), async (said, name, invalid, strict) => {
      const retriever = new Watched();
      const rules = { retriever, reward: REWARDS[name]!, invalid, strict } as const;
      const episode = littleEpisode(rules, MOST_TURNS);
      for (const [i, text] of said.entries()) {
        const { observation, reward, end, success, valid } = await episode.step(text);
        const { type, forged } = episode.info!;
        const own = episode.transcript.filter(({ role, turn }) => role === "model" && turn === i);
        const written = own.map((segment) => segment.text).join("");
        expect(text).toStartWith(written);
        expect(type === "invalid" && valid).toBe(false);
        expect(forged).toBe(/<\/?information>/.test(written));
        const transcript = episode.transcript.map((segment) => segment.text).join("");
        expect(transcript).toEndWith(written + observation);
        if (end === null) {
          expect([reward, success]).toEqual([0, false]);
          expect(i).toBeLessThan(MOST_TURNS - 1);
          continue;
        }
        const [least, most] = bounds[name]!;
        expect(reward).toBeGreaterThanOrEqual(least);
        expect(reward).toBeLessThanOrEqual(most);
        // Only an answer that was given succeeds; no passage and no thought is one.
        const plain = (episode.answer ?? "").replace(/[!-/:-@[-`{-~]/g, "").toLowerCase();
        const words = plain.trim().split(/\s+/).join(" ");
        expect(success).toBe(type === "answer" && ["dorn", "river dorn"].includes(words));
        break;
      }
      expect(retriever.calls.length).toBeLessThanOrEqual(MOST_TURNS - 1);
      expect(retriever.calls.length).toBe(episode.scores().searches!);
    }),
    { numRuns: 2000 },
  );
});

/** Search-R1's format as one expression; slow, and another way to say the same. */
const inner = `(?:(?!${TAGS.join("|")})[^])*`;
const block = (name: string) => `<${name}>${inner}</${name}>\\s*`;
const WHOLE = new RegExp(
  `^\\s*(?:${block("think")}${block("search")}${block("information")})*${block("think")}${block("answer")}$`,
);

test("the automaton accepts what the expression accepts", () => {
  const blocks = fc.constantFrom(
    ...[
      "<think>t</think>",
      "<search>q</search>",
      "<information>d</information>",
      "<answer>a</answer>",
    ],
    ...["<think></think>\n", "<information>\n\n</information> ", ...TAGS, "text", " "],
  );
  const round = fc.constant(
    "<think>t</think><search>q</search>\n\n<information>d</information>\n\n",
  );
  const end = fc.constant("<think>t</think><answer>a</answer>");
  const sound = fc
    .tuple(fc.array(round, { maxLength: 3 }), end)
    .map(([rounds, last]) => rounds.join("") + last);
  const changed = fc.tuple(sound, fc.nat(), blocks).map(([text, at, more]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + more + text.slice(place);
  });
  const any = fc.array(blocks, { maxLength: 9 }).map((some) => some.join(""));
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(sound, changed, any), (text) => {
      const follows = followsFormat(text, STANDARD);
      if (follows) accepted++;
      expect([text, follows]).toEqual([text, WHOLE.test(text)]);
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(500);
});

test.each([
  ["a megabyte of words", "word ".repeat(200_000)],
  ["a megabyte of opening tags", "<answer>".repeat(125_000)],
  ["a query of a megabyte", `<search>${"Ada ".repeat(250_000)}</search>`],
  ["an answer of a megabyte", `<answer>${"Dorn ".repeat(200_000)}</answer>`],
  ["closing tags alone", "</information></search>".repeat(40_000)],
])("%s costs a turn, not the run", async (_, text) => {
  for (const [name, reward] of Object.entries(REWARDS)) {
    const episode = littleEpisode({ reward }, 2);
    const began = performance.now();
    const first = await episode.step(text);
    const last = first.end === null ? await episode.step("<answer>Dorn</answer>") : first;
    expect([name, Number.isFinite(last.reward)]).toEqual([name, true]);
    // What is not linear takes hours.
    expect(performance.now() - began).toBeLessThan(30_000);
  }
});
