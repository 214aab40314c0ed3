import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compact, text } from "../../../src/env/textcraft/format.ts";
import { tokenizerJson, vocabularyOf } from "../../../src/env/textcraft/vocabulary.ts";
import { TextCraft } from "../../../src/env/textcraft/world.ts";
import { readTokenizer } from "../../../src/text/read-tokenizer.ts";

const world = new TextCraft();
const tokenizer = readTokenizer(tokenizerJson(world.book), "tokenizer.json");

/** What the agent reads after each of these commands. */
function replies(...commands: string[]): string[] {
  const episode = world.start("ladder", 0);
  return commands.map((command) => compact.reply(command, episode.step(command)));
}

describe("compact", () => {
  test("an opening is the goal, recipe lines, and the goal again", () => {
    const { opening } = new TextCraft({ option: { distractors: "0" } }).start("oak fence gate", 3);
    const lines = compact.opening(opening).split("\n");
    expect(lines).toContain("craft 1 oak fence gate using 4 stick , 2 oak planks");
    expect(lines[0]).toBe("goal oak fence gate");
    expect(lines.slice(-2)).toEqual(["goal oak fence gate", ""]);
  });

  test("every reply is one word, lossless given the command", () => {
    const said = replies(
      ...["get 7 bamboo", "get 1 stick", "craft 1 stick using 2 bamboo"],
      ...["craft 1 stick using 9 bamboo", "craft 2 stick using 4 bamboo"],
      ...["craft 1 stick using bamboo", "dance", "get bamboo"],
      ...["get 1 valid recipe for fun", "get 1 enough items"],
    );
    expect(said).toEqual([
      ...["ok", "unknown", "ok", "lack", "norecipe", "format", "what", "what"],
      ...["unknown", "unknown"],
    ]);
  });

  test("an inventory is a list with amounts up to 99", () => {
    const said = replies("inventory", "get 120 bamboo", "get 1 vine", "inventory");
    expect(said[0]).toBe("have nothing\n");
    expect(said[3]).toBe("have 99 bamboo , 1 vine\n");
  });

  test("a response is the command of its first line", () => {
    expect(compact.parse("craft 3 oak sign using 6 oak planks , 1 stick\n")).toBe(
      "craft 3 oak sign using 6 oak planks, 1 stick",
    );
    expect(compact.parse(" get 4 bamboo \nok get")).toBe("get 4 bamboo");
    expect(compact.parse("")).toBe("");
  });

  test("every expert command survives writing, encoding, decoding and parsing", () => {
    for (const task of world.splits.all ?? []) {
      const episode = world.start(task, 1);
      const expert = world.expert(episode);
      for (let end = null as unknown; end === null; ) {
        const command = expert.next();
        const ids = tokenizer.encode(compact.respond(command));
        expect(ids.at(-1)).toBe(tokenizer.endOfTurn);
        // Only netherite block and anvil take more than 99 of one item at once.
        if (/ \d{3}/.test(command)) expect(["netherite block", "anvil"]).toContain(task);
        else expect(compact.parse(tokenizer.decode(ids))).toBe(command);
        end = episode.step(command).end;
      }
    }
  });
});

describe("the vocabulary", () => {
  test("has every word of every item and tag, and 432 tokens in all", () => {
    expect(tokenizer.vocabularySize).toBe(432);
    expect(vocabularyOf(world.book).slice(0, 4)).toEqual(["<pad>", "<unk>", "\n", ","]);
    for (const id of [...world.book.items, ...world.book.tags]) {
      const words = id.replace("minecraft:", "").split("_");
      for (const word of words) expect(tokenizer.idOf(word)).toBeDefined();
    }
  });

  test("leaves no word of any opening unknown", () => {
    const unknown = tokenizer.idOf("<unk>") as number;
    for (const task of [...(world.splits.all ?? []), ...(world.splits.adapt200 ?? [])]) {
      const ids = tokenizer.encode(compact.opening(world.start(task, 2).opening));
      expect(ids.includes(unknown)).toBe(false);
    }
  });
});

describe("text", () => {
  test("shows what the game says", () => {
    const episode = world.start("ladder", 0);
    expect(text.opening(episode.opening)).toBe(episode.opening);
    expect(text.reply("inventory", episode.step("inventory"))).toBe(
      "Inventory: You are not carrying anything.",
    );
    expect(text.instructions).toContain("craft {n} {item} using");
  });

  test("takes the line after Action:, reduced to letters, digits, commas and spaces", () => {
    const response = "Thought: I need sticks.\nAction:\n  get  4 `bamboo`.\nThen more.";
    expect(text.parse(response)).toBe("get 4 bamboo");
    expect(text.parse("get 4 bamboo")).toBe("get 4 bamboo");
    expect(text.parse(text.respond("craft 3 a b using 1 c, 2 d"))).toBe(
      "craft 3 a b using 1 c, 2 d",
    );
  });

  test("two actions in one response are refused in AgentGym's words", () => {
    const action = text.parse("Thought: both!\nAction: get 1 vine\nAction: inventory");
    const outcome = world.start("ladder", 0).step(action);
    expect(outcome.valid).toBe(false);
    expect(text.reply(action, outcome)).toBe(
      "Error: Only one 'Action' is allowed per response. Please adjust your response.",
    );
  });
});

test.each([compact, text])("$name: no response or reply ever throws", (format) => {
  const piece = fc.oneof(
    fc.constantFrom("Action:", "\n", "get 4 bamboo", " ,", "inventory", "craft 1 a using 1 b"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const episode = world.start("ladder", 0);
      const action = format.parse(pieces.join(""));
      expect(typeof format.reply(action, episode.step(action))).toBe("string");
      expect(typeof format.opening(pieces.join(""))).toBe("string");
      expect(Array.isArray(tokenizer.encode(pieces.join("")))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
