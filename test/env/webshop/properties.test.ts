import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkEnv } from "../../../src/env/check-env.ts";
import type { WebShopEpisode } from "../../../src/env/webshop/env.ts";
import { planPurchase } from "../../../src/env/webshop/solver.ts";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { DATA, HAS_DATA } from "./data.ts";
import { littleShop } from "./little-shop.ts";

const world = littleShop();
const tasks = world.splits.all!;

/** What an agent may send: anything, things that look like actions, and what is on the page. */
type Move = { readonly say: string } | { readonly choose: number };
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  fc.string({ unit: "binary" }).map((say) => ({ say })),
  fc.string({ unit: fc.constantFrom(..."clicksearch[]<> \n|xy") }).map((say) => ({ say })),
  fc
    .constantFrom("scarf", "pot", "<r>", "the", "🙂", "\ud800")
    .map((q) => ({ say: `search[${q}]` })),
  { weight: 4, arbitrary: fc.nat(200).map((choose) => ({ choose })) },
);
const anyGame = fc.record({
  task: fc.constantFrom(...tasks),
  seed: fc.nat(100),
  moves: fc.array(anyMove, { maxLength: 25 }),
});

function actionOf(move: Move, episode: WebShopEpisode): string {
  if ("say" in move) return move.say;
  const choices = episode.admissible();
  return choices[move.choose % choices.length] ?? "";
}

/** All that shows of one game. */
function* gameOf(
  shop: WebShop,
  { task, seed, moves }: { task: string; seed: number; moves: readonly Move[] },
): Generator<string> {
  const episode = shop.start(task, seed, 20);
  yield episode.opening;
  for (const move of moves) {
    const action = actionOf(move, episode);
    const outcome = episode.step(action);
    const reply = shop.format.reply(action, outcome, episode.admissible());
    yield JSON.stringify([outcome, episode.admissible(), episode.stateKey(), episode.map(), reply]);
    if (outcome.end === null) continue;
    yield JSON.stringify(episode.scores());
    return;
  }
}

test("any text is a legal action that never throws, and never changes what it does not carry out", () => {
  for (const shop of [world, littleShop({ shortcuts: "on", format: "text" })]) {
    fc.assert(
      fc.property(anyGame, ({ task, seed, moves }) => {
        const episode = shop.start(task, seed);
        for (const move of moves) {
          const before = [episode.stateKey(), episode.admissible()];
          const action = actionOf(move, episode);
          const outcome = episode.step(action);
          if (!outcome.valid) expect([episode.stateKey(), episode.admissible()]).toEqual(before);
          expect(outcome.reward).toBeWithin(0, 1.000001);
          expect(shop.format.reply(action, outcome, episode.admissible())).toBeString();
          if (outcome.end !== null) return;
        }
      }),
    );
  }
});

test("parse never throws, and what respond says of an action on the page is that action again", () => {
  fc.assert(
    fc.property(anyGame, ({ task, seed, moves }) => {
      const episode = world.start(task, seed);
      for (const move of moves) {
        for (const { format } of [world, TEXT]) {
          expect(format.parse(actionOf(move, episode))).toBeString();
          for (const action of episode.admissible()) {
            if (action.startsWith("search[<")) continue;
            expect(format.parse(format.respond(action))).toBe(action);
          }
        }
        if (episode.step(actionOf(move, episode)).end !== null) return;
      }
    }),
  );
});
const TEXT = littleShop({ format: "text" });

test("sessions never affect each other: interleaved, each is what it is alone", () => {
  fc.assert(
    fc.property(fc.array(anyGame, { minLength: 2, maxLength: 5 }), (games) => {
      const alone = games.map((game) => [...gameOf(world, game)]);
      const running = games.map((game) => gameOf(world, game));
      const together = games.map((): string[] => []);
      for (let open = true; open; ) {
        open = false;
        for (const [i, game] of running.entries()) {
          const { value, done } = game.next();
          if (done) continue;
          together[i]!.push(value);
          open = true;
        }
      }
      expect(together).toEqual(alone);
    }),
  );
});

test("the same seed gives the same bytes, also in another shop of the same data", () => {
  const other = littleShop();
  fc.assert(
    fc.property(anyGame, (game) => {
      expect([...gameOf(other, game)]).toEqual([...gameOf(world, game)]);
    }),
  );
});

/** Tasks that some purchase scores 1 for, which the contract asks of the expert. */
function solvable(shop: WebShop, tasks = shop.splits.all!): readonly string[] {
  return tasks.filter((task) => {
    const { shop: stock, goal, rule } = shop.start(task, 0);
    return planPurchase(stock, goal, rule).isPerfect;
  });
}

describe("the contract of every world", () => {
  test.each(["compact", "text"])("in a little shop, format %s", async (format) => {
    const shop = littleShop({ format });
    const tasks = solvable(shop);
    expect(tasks.length).toBeGreaterThan(6);
    for (const task of tasks) await checkEnv(shop, task);
  });

  test.skipIf(!HAS_DATA)("in the real shop", async () => {
    const shop = new WebShop({ data: DATA });
    const some = shop.splits.all!.filter((_, i) => i % 500 === 1);
    for (const task of solvable(shop, some)) await checkEnv(shop, task);
  });
});

test("ten searches of 50 kB take less than a second of the processor", () => {
  const episode = world.start("0", 0);
  const from = process.cpuUsage();
  for (let i = 0; i < 10; i++) episode.step(`search[${`scarf${i} `.repeat(7000)}]`);
  const { user, system } = process.cpuUsage(from);
  expect((user + system) / 1e6).toBeLessThan(1);
});
