import { describe, expect, test } from "bun:test";
import { checkEnv } from "../../../src/env/check-env.ts";
import { planPurchase } from "../../../src/env/webshop/solver.ts";
import { tokenizerJson, vocabulary } from "../../../src/env/webshop/vocabulary.ts";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { readTokenizer } from "../../../src/text/read-tokenizer.ts";

const world = new WebShop();
const all = world.splits.all!;
const some = (every: number) => all.filter((_, i) => i % every === 3);
const { shop } = world.start("0", 0);

test("without data there is a shop of 2,000 products, with thousands of goals in every clean split", () => {
  expect(shop.catalogue.size).toBe(2000);
  const sizes = ["train", "validation", "test"].map((name) => world.splits[name]!.length);
  expect(Math.min(...sizes)).toBeGreaterThan(500);
  expect(sizes.reduce((a, b) => a + b)).toBe(all.length);
  expect(all.length).toBeGreaterThan(5000);
});

test("another world_seed, or number of products, is another shop; the same one is the same", () => {
  const of = (option: Readonly<Record<string, string>>) => {
    const other = new WebShop({ option: { products: "300", ...option } });
    return other.splits.all!.slice(0, 50).map((task) => other.start(task, 0).goal.text);
  };
  expect(of({})).toEqual(of({}));
  expect(of({ world_seed: "1" })).not.toEqual(of({}));
  expect(new WebShop({ option: { goals: "human" } }).splits.all!.length).toBeGreaterThan(100);
});

test("the contract holds, and the expert solves what can be solved", async () => {
  for (const task of some(700)) {
    const { goal, rule } = world.start(task, 0);
    if (planPurchase(shop, goal, rule).isPerfect) await checkEnv(world, task);
  }
  let [perfect, solved] = [0, 0];
  for (const task of some(20)) {
    const episode = world.start(task, 0, 15);
    if (planPurchase(shop, episode.goal, episode.rule).isPerfect) perfect++;
    const expert = world.expert(episode);
    for (let end: unknown = null; end === null; ) {
      const outcome = episode.step(expert.next());
      end = outcome.end;
      if (outcome.success) solved++;
    }
  }
  expect(perfect).toBeGreaterThan(0.8 * some(20).length);
  expect(solved).toBeGreaterThanOrEqual(0.95 * perfect);
});

describe("the compact format's vocabulary", () => {
  const tokenizer = readTokenizer(tokenizerJson(shop), "the vocabulary");
  const unknown = tokenizer.encode("nobodysaysthis")[0]!;

  test("has each word once", () => {
    const words = vocabulary(shop);
    expect(new Set(words).size).toBe(words.length);
  });

  test("knows every word of demonstrations, erring ones too; every turn of theirs survives the tokens", () => {
    const lengths: number[] = [];
    for (const [seed, task] of some(30).entries()) {
      const episode = world.start(task, seed, 15);
      const expert = world.expert(episode, { rate: 0.2, seed });
      let tokens = tokenizer.encode(world.format.opening(episode.opening));
      for (let end: unknown = null; end === null; ) {
        const action = expert.next();
        const response = tokenizer.encode(world.format.respond(action));
        expect(world.format.parse(tokenizer.decode(response))).toBe(action);
        const outcome = episode.step(action);
        const reply = world.format.reply(action, outcome, episode.admissible());
        tokens = [...tokens, ...response, ...tokenizer.encode(reply)];
        end = outcome.end;
      }
      expect(tokens).not.toContain(unknown);
      lengths.push(tokens.length);
    }
    lengths.sort((a, b) => a - b);
    // A context of a thousand tokens has room for a demonstration.
    expect(lengths[Math.floor(lengths.length / 2)]!).toBeLessThan(300);
    expect(lengths.at(-1)!).toBeLessThan(1024);
  });
});
