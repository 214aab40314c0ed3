import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Crafting } from "../../../src/env/textcraft/crafting.ts";
import { recipeBook } from "../../../src/env/textcraft/recipe-book.ts";
import { embeddedRecipes } from "../../../src/env/textcraft/table.ts";

const book = recipeBook(embeddedRecipes());

/** Plays commands in a fresh game and returns the last reply. */
function say(...commands: string[]): string {
  const game = new Crafting(book);
  return commands.map((command) => game.execute(command).observation).at(-1) ?? "";
}

describe("get", () => {
  test("takes any amount of a raw item, in the words of the request", () => {
    expect(say("get 4 bamboo")).toBe("Got 4 bamboo");
    expect(say("get 007 oak_logs")).toBe("Got 7 oak_logs");
    expect(say("get 99999999999999999999 bamboo")).toBe("Got 99999999999999999999 bamboo");
  });

  test("finds no craftable item, no tag, no unknown item and no untidy name", () => {
    expect(say("get 1 stick")).toBe("Could not find stick");
    expect(say("get 1 planks")).toBe("Could not find planks");
    expect(say("get 1 unicorn horn")).toBe("Could not find unicorn horn");
    expect(say("get 4 bamboo please")).toBe("Could not find bamboo please");
    expect(say("get 4  bamboo")).toBe("Could not find  bamboo");
    expect(say("get 4 ")).toBe("Could not find ");
  });

  test("a tag without craftable items is an item", () => {
    expect(say("get 2 oak logs")).toBe("Got 2 oak logs");
    expect(say("get 2 wooden slabs")).toBe("Got 2 wooden slabs");
  });

  test("the item's name ends with the line", () => {
    expect(say("get 4 bamboo\nget 1 stick")).toBe("Got 4 bamboo");
  });
});

describe("inventory", () => {
  test("says when it is empty", () => {
    expect(say("inventory")).toBe("Inventory: You are not carrying anything.");
  });

  test("lists items in the order of first acquisition, with a trailing space", () => {
    const list = say("get 1 vine", "get 4 bamboo", "get 2 vine", "inventory");
    expect(list).toBe("Inventory: [vine] (3) [bamboo] (4) ");
  });

  test("tolerates text after the word", () => {
    expect(say("get 1 vine", "inventory: please")).toBe("Inventory: [vine] (1) ");
  });

  test("an item used up vanishes and comes back at the end", () => {
    const start = ["get 2 bamboo", "get 1 vine", "craft 1 stick using 2 bamboo"];
    expect(say(...start, "inventory")).toBe("Inventory: [vine] (1) [stick] (1) ");
    const list = say(...start, "get 1 bamboo", "inventory");
    expect(list).toBe("Inventory: [vine] (1) [stick] (1) [bamboo] (1) ");
  });

  test("taking nothing leaves an entry of zero", () => {
    expect(say("get 0 vine", "inventory")).toBe("Inventory: [vine] (0) ");
  });
});

describe("craft", () => {
  test("gives the recipe's amount, whatever amount was asked for", () => {
    const logs = "get 1 oak logs";
    expect(say(logs, "craft 4 oak planks using 1 oak logs")).toBe("Crafted 4 minecraft:oak_planks");
    expect(say(logs, "craft 9 oak planks using 1 oak logs")).toBe("Crafted 4 minecraft:oak_planks");
    expect(say(logs, "craft oak planks using 1 oak logs")).toBe("Crafted 4 minecraft:oak_planks");
  });

  const planks = ["get 2 oak logs", ...Array(2).fill("craft 4 oak planks using 1 oak logs")];

  test("takes concrete items for a tag, in any order", () => {
    const sticks = say(...planks, "craft 4 stick using 2 oak planks");
    expect(sticks).toBe("Crafted 4 minecraft:stick");
    const sign = "craft 3 oak sign using 1 stick, 6 oak planks";
    expect(say(...planks, "craft 4 stick using 2 oak planks", sign)).toBe(
      "Crafted 3 minecraft:oak_sign",
    );
  });

  test("a tag's own name is never owned", () => {
    const reply = say(...planks, "craft 4 stick using 2 planks");
    expect(reply).toBe("Could not find enough items to craft minecraft:stick");
  });

  test("a tag as output shows None", () => {
    const lack = say("craft 4 planks using 1 oak logs");
    expect(lack).toBe("Could not find enough items to craft None");
    expect(say("get 1 oak logs", "craft 4 planks using 1 oak logs")).toBe(
      "Could not find a valid recipe for ItemTagWithCount(item_tag=ItemTag(tag='minecraft:planks', item_id=None), count=4)",
    );
  });

  test("amounts must be exactly the recipe's", () => {
    const reply = say("get 4 bamboo", "craft 2 stick using 4 bamboo");
    expect(reply).toBe(
      "Could not find a valid recipe for ItemTagWithCount(item_tag=ItemTag(tag=None, item_id='minecraft:stick'), count=2)",
    );
    expect(say("get 4 bamboo", "craft stick using 2 bamboo, 2 bamboo")).toBe(
      "Could not find a valid recipe for ItemTagWithCount(item_tag=ItemTag(tag=None, item_id='minecraft:stick'), count=1)",
    );
  });

  test("the format of the ingredients is checked first, then the inventory, then the recipe", () => {
    const game = say("craft 1 unicorn using 3 vine, bamboo");
    expect(game).toBe("Wrong item format: bamboo");
    expect(say("craft 1 stick using 2 bamboo, ")).toBe("Wrong item format: ");
    const lack = say("craft 1 unicorn using 3 vine, 2 bamboo");
    expect(lack).toBe("Could not find enough items to craft minecraft:unicorn");
  });

  test("an unknown output is quoted the way Python does", () => {
    const reply = say("get 1 vine", "craft 1 rock'n\\roll using 1 vine");
    expect(reply).toBe(
      `Could not find a valid recipe for ItemTagWithCount(item_tag=ItemTag(tag=None, item_id="minecraft:rock'n\\\\roll"), count=1)`,
    );
  });

  test("a failed craft costs nothing", () => {
    const commands = ["get 4 bamboo", "craft 2 stick using 4 bamboo", "inventory"];
    expect(say(...commands)).toBe("Inventory: [bamboo] (4) ");
  });

  test("the last ` using ` separates output from ingredients", () => {
    const reply = say("craft 1 a using 1 b using 1 c");
    expect(reply).toBe("Could not find enough items to craft minecraft:a_using_1_b");
  });
});

describe("anything else", () => {
  test.each(["", " get 4 bamboo", "Get 4 bamboo", "get bamboo", "get 4", "craft 1 stick", "look"])(
    "%p could not be executed",
    (command) => expect(say(command)).toBe(`Could not execute ${command}`),
  );

  test("numbers too long for the original are not understood", () => {
    const number = "9".repeat(4301);
    expect(say(`get ${number} bamboo`)).toBe(`Could not execute get ${number} bamboo`);
    expect(say(`get ${number.slice(1)} bamboo`)).toBe(`Got ${number.slice(1)} bamboo`);
  });

  test("no text breaks the game or leaves a debt", () => {
    const pieces = ["get ", "craft ", " using ", "inventory", "2 ", "bamboo", "stick", ", ", "\n"];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary" })));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (commands) => {
        const game = new Crafting(book);
        for (const words of commands) {
          expect(typeof game.execute(words.join("")).observation).toBe("string");
          for (const count of game.held.values()) expect(count >= 0n).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("an item that stands for two ingredients is needed twice", () => {
  const mixed = recipeBook([
    {
      result: "minecraft:toy",
      amount: 1,
      group: undefined,
      ingredients: [
        { name: "minecraft:gems", isTag: true, amount: 1 },
        { name: "minecraft:ruby", isTag: false, amount: 1 },
      ],
    },
    {
      result: "minecraft:ruby",
      amount: 1,
      group: "gems",
      ingredients: [{ name: "minecraft:dust", isTag: false, amount: 1 }],
    },
  ]);
  const craft = "craft 1 toy using 1 ruby, 1 ruby";
  const one = new Crafting(mixed, [["minecraft:ruby", 1n]]);
  expect(one.execute(craft).observation).toBe("Could not find enough items to craft minecraft:toy");
  const two = new Crafting(mixed, [["minecraft:ruby", 2n]]);
  expect(two.execute(craft).observation).toBe("Crafted 1 minecraft:toy");
  expect([...two.held.keys()]).toEqual(["minecraft:toy"]);
});
