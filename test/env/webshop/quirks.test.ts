import { describe, expect, test } from "bun:test";
import { planPurchase } from "../../../src/env/webshop/solver.ts";
import { after, choices, ENTRIES, entry, littleShop, startFor } from "./little-shop.ts";

const enter = () => startFor(littleShop(), "B000000001");
const SCARF = ["search[woollen]", "click[b000000001]"];

test("search works on every page", () => {
  const pages = [
    [],
    ["search[pot]"],
    [...SCARF, "click[red]"],
    [...SCARF, "click[features]"],
    ["search[pot]", "click[next >]", "click[next >]"],
  ];
  for (const actions of pages) {
    const episode = enter();
    expect(after(episode, ...actions, "search[scarf]")).toContain("Page 1 (Total results: 2)");
    expect(episode.place).toMatchObject({ page: "results", item: -1, options: new Map() });
  }
});

test("next > never ends: pages beyond the results are empty, with the same head", () => {
  const episode = enter();
  after(episode, "search[pot]", ...Array<string>(8).fill("click[next >]"));
  expect(episode.place.pageNumber).toBe(9);
  expect(after(episode, "click[next >]")).toEndWith(
    "Page 10 (Total results: 50) [SEP] < Prev [SEP] Next >",
  );
});

test("options are lost on the way back to the results, kept on sub pages", () => {
  const episode = enter();
  after(episode, ...SCARF, "click[red]", "click[description]", "click[< prev]", "click[s]");
  expect([...episode.place.options]).toEqual([
    ["color", "red"],
    ["size", "s"],
  ]);
  after(episode, "click[< prev]", "click[b000000001]");
  expect(episode.place.options.size).toBe(0);
});

test("back from a product leads to the page of results that it was on", () => {
  const episode = enter();
  after(episode, "search[pot]", "click[next >]", "click[next >]", "click[c125]");
  expect(after(episode, "click[< prev]")).toContain("Page 3 (Total results: 50)");
});

test("nothing on the page shows what was chosen", () => {
  const episode = enter();
  const before = after(episode, ...SCARF);
  expect(after(episode, "click[red]")).toBe(before);
  expect(after(episode, "click[dark blue]")).toBe(before);
  expect(episode.place.options.get("color")).toBe("dark blue");
  expect(episode.map()).toContain("chosen: color: dark blue");
});

test("a value that two options share is chosen for the last of them", () => {
  const episode = enter();
  after(episode, "search[silk]", "click[b000000002]", "click[m]");
  expect([...episode.place.options]).toEqual([["fit", "m"]]);
  // So nobody can have both m of the one and another value of the other.
  const { shop, goal } = startFor(littleShop(), "B000000002");
  const wish = {
    ...goal,
    options: [
      ["fit", "wide"],
      ["size", "m"],
    ] as const,
  };
  expect(planPurchase(shop, wish, "pairs").isPerfect).toBe(false);
});

test("a value that is called as a button is cannot be chosen", () => {
  const odd = entry("D1", "Zebra", {
    customization_options: choices({ Kind: ["Description", "Buy now", "search", "plain"] }),
  });
  const episode = startFor(littleShop({}, { entries: [...ENTRIES, odd] }), "C100");
  expect(after(episode, "search[zebra]", "click[d1]", "click[description]")).toEndWith("< Prev");
  episode.step("click[< prev]");
  expect(episode.step("click[search]").valid).toBe(false);
  expect(episode.step("click[buy now]").end).toBe("terminated");
});

test("the search button is listed, and does nothing", () => {
  const episode = enter();
  expect(episode.admissible()).toContain("click[search]");
  expect(episode.step("click[search]")).toEqual({
    ...{ observation: episode.opening, reward: 0, end: null, valid: false, success: false },
  });
});

test("arguments are read in any case, names in lower case only", () => {
  const episode = enter();
  expect(episode.step("search[WOOLLEN]").valid).toBe(true);
  expect(episode.step("Click[b000000001]").valid).toBe(false);
  expect(episode.step("click[B000000001]").valid).toBe(true);
  expect(episode.step("click[Buy Now]").end).toBe("terminated");
});

test("back to search forgets everything but the goal", () => {
  const episode = enter();
  expect(after(episode, ...SCARF, "click[red]", "click[back to search]")).toBe(episode.opening);
  expect(episode.place).toMatchObject({ page: "search", query: "", pageNumber: 0, item: -1 });
  expect(episode.place.options.size).toBe(0);
});

describe("what is charged", () => {
  test("is one price for a range, which no page shows, and which may exceed the limit that the range fits", () => {
    const world = littleShop();
    const { prices, catalogue } = startFor(world, "C100").shop;
    const price = prices[catalogue.numberOf("B000000002") as number] as number;
    expect(price).toBeGreaterThan(20);
    expect(price).toBeLessThan(30);
    const episode = startFor(world, "B000000002");
    expect(episode.goal.priceUpper).toBeGreaterThan(price);
    expect(after(episode, "search[silk]", "click[b000000002]")).not.toContain(String(price));
  });

  test("is the same in every session of a shop, and drawn anew by another seed", () => {
    const pricesOf = (seed: string) => [...startFor(littleShop({ seed }), "C100").shop.prices];
    expect(pricesOf("5")).toEqual(pricesOf("5"));
    expect(pricesOf("5")).not.toEqual(pricesOf("6"));
  });
});

test("a purchase ends the episode, whatever it is worth", () => {
  const episode = enter();
  const outcome = (() => {
    after(episode, "search[pot]", "click[c100]");
    return episode.step("click[buy now]");
  })();
  expect(outcome).toMatchObject({ end: "terminated", valid: true, success: false });
  expect(() => episode.step("search[pot]")).toThrow("has ended");
});

test("attributes match by chance: a product that only mentions them scores 1 in the target's place", () => {
  const other = entry("D1", "Woollen Autumn Scarf", {
    small_description: ["not MACHINE WASHABLE at all"],
    customization_options: choices({ Color: ["Red"], Size: ["S"] }),
    product_category: "Clothing › Accessories › Scarves",
  });
  const world = littleShop({}, { entries: [...ENTRIES, other] });
  const task = world.splits.all!.find((id) => world.start(id, 0).goal.text.includes("color: red"))!;
  const episode = world.start(task, 0);
  expect(episode.goal.attributes).toEqual(["machine washable"]);
  after(episode, "search[autumn]", "click[d1]", "click[red]", "click[s]");
  expect(episode.step("click[buy now]")).toMatchObject({ reward: 1, success: true });
});
