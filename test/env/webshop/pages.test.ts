import { expect, test } from "bun:test";
import { after, choices, ENTRIES, entry, littleShop, startFor } from "./little-shop.ts";

const TASK = "Find me machine washable scarf with color: red, and size: s, and price lower than";

/** An episode whose task is the first of the woollen scarf. */
function enter(option: Readonly<Record<string, string>> = {}) {
  const world = littleShop(option);
  const task = world.splits.all!.find((id) => world.start(id, 0).goal.text.startsWith(TASK))!;
  return world.start(task, 0);
}
const SCARF = ["search[woollen]", "click[b000000001]"];

test("the search page", () => {
  const { opening, goal } = enter();
  expect(opening).toBe(`WebShop [SEP] Instruction: [SEP] ${goal.text} [SEP] Search`);
});

test("the pages of results: ten products each, Prev from the second on, an empty title is no segment", () => {
  const episode = enter();
  const head = `Instruction: [SEP] ${episode.goal.text} [SEP] Back to Search [SEP] Page`;
  expect(after(episode, "search[scarf]")).toBe(
    `${head} 1 (Total results: 2) [SEP] Next > [SEP] B000000002 [SEP] Silk Summer Scarf [SEP] $30.0 to $20.0` +
      " [SEP] B000000001 [SEP] Woollen Winter Scarf [SEP] $12.5",
  );
  expect(after(episode, "search[lone point]")).toBe(
    `${head} 1 (Total results: 1) [SEP] Next > [SEP] B000000003 [SEP] $100.0`,
  );
  const second = after(episode, "search[pot]", "click[next >]");
  expect(second).toStartWith(
    `${head} 2 (Total results: 50) [SEP] < Prev [SEP] Next > [SEP] C110 [SEP]`,
  );
  expect(second.match(/\$10\.0/g)).toHaveLength(10);
});

test("a product: options with their values, title, price, buttons; sub pages keep the options", () => {
  const episode = enter();
  const head = `Instruction: [SEP] ${episode.goal.text} [SEP] Back to Search [SEP] < Prev`;
  const item =
    `${head} [SEP] color [SEP] red [SEP] dark blue [SEP] size [SEP] s [SEP] l | xl [SEP] ` +
    "Woollen Winter Scarf [SEP] Price: $12.5 [SEP] Rating: N.A. [SEP] Description [SEP] Features [SEP] " +
    "Reviews [SEP] Buy Now";
  expect(after(episode, ...SCARF)).toBe(item);
  expect(after(episode, "click[description]")).toBe(`${head} [SEP] Keeps warm.`);
  expect(after(episode, "click[< prev]", "click[Dark Blue]")).toBe(item);
  expect(after(episode, "click[reviews]")).toBe(head);
  expect(after(episode, "click[< prev]")).toBe(item);
  expect([...episode.place.options]).toEqual([["color", "dark blue"]]);
});

test("an empty bullet point is an empty segment, an empty description none", () => {
  const episode = enter();
  const features = after(episode, ...SCARF, "click[features]");
  expect(features).toEndWith("< Prev [SEP] hand knitted [SEP]  [SEP] machine washable");
  const bare = littleShop(
    {},
    {
      entries: [...ENTRIES, entry("D1", "Zebra", { small_description: ["stripes", " "] })],
    },
  );
  const zebra = startFor(bare, "C100");
  expect(after(zebra, "search[zebra]", "click[d1]", "click[features]")).toEndWith(
    "< Prev [SEP] stripes [SEP] ",
  );
  expect(after(zebra, "click[< prev]", "click[description]")).toEndWith(
    "Back to Search [SEP] < Prev",
  );
});

test("white space around a segment goes, inside it stays", () => {
  const spaced = entry("D1", "  Zebra \n print  ", { full_description: "\ta  b\u00a0" });
  const episode = startFor(littleShop({}, { entries: [...ENTRIES, spaced] }), "C100");
  expect(after(episode, "search[zebra]")).toContain("D1 [SEP] Zebra \n print [SEP] $10.0");
  expect(after(episode, "click[d1]", "click[description]")).toEndWith("< Prev [SEP] a  b");
});

test("the last page: what was bought, options as JSON in ASCII, the score", () => {
  const fancy = entry("D1", "Zebra", {
    customization_options: choices({ Size: ["<é> & 'x'"], Color: ['a "b"\u007f'] }),
  });
  const episode = startFor(littleShop({}, { entries: [...ENTRIES, fancy] }), "C100");
  const bought = ["click[<é> & 'x']", 'click[a "b"\u007f]', "click[buy now]"];
  expect(after(episode, "search[zebra]", "click[d1]", ...bought)).toBe(
    "Thank you for shopping with us! [SEP] Your code: [SEP] None [SEP] (Paste it in your MTurk interface.) " +
      "[SEP] Purchased [SEP] asin [SEP] D1 [SEP] options [SEP] " +
      '{"color": "a \\"b\\"\\u007f", "size": "\\u003c\\u00e9\\u003e \\u0026 \\u0027x\\u0027"}' +
      " [SEP] attrs [SEP] None [SEP] category [SEP] None [SEP] query [SEP] None [SEP] product category [SEP] " +
      "None [SEP] Target [SEP] asin [SEP] options [SEP] attrs [SEP] price upper [SEP] instuction text [SEP] " +
      "category [SEP] product category [SEP] query [SEP] Goal [SEP] None [SEP] Reward [SEP] Your score " +
      "(min 0.0, max 1.0) [SEP] 0.0 [SEP] Reward Details [SEP] None",
  );
  expect(after(enter(), ...SCARF, "click[red]", "click[s]", "click[buy now]")).toContain(
    "Your score (min 0.0, max 1.0) [SEP] 1.0 [SEP]",
  );
});

test("what can be clicked, in the original's order", () => {
  const episode = enter();
  expect(episode.admissible()).toEqual(["search[<your query>]", "click[search]"]);
  episode.step("search[scarf]");
  const clicks = (...names: string[]) => names.map((name) => `click[${name}]`);
  expect(episode.admissible()).toEqual(
    clicks("back to search", "next >", "b000000002", "b000000001"),
  );
  episode.step("click[next >]");
  expect(episode.admissible()).toEqual(clicks("back to search", "< prev", "next >"));
  after(episode, ...SCARF);
  expect(episode.admissible()).toEqual([
    ...clicks("back to search", "< prev", "description", "features", "reviews", "buy now"),
    ...clicks("red", "dark blue", "s", "l | xl"),
  ]);
  episode.step("click[reviews]");
  expect(episode.admissible()).toEqual(clicks("back to search", "< prev"));
  after(episode, "click[< prev]", "click[buy now]");
  expect(episode.admissible()).toEqual([]);
});
