import { describe, expect, test } from "bun:test";
import { randomFrom } from "../../../src/core/random.ts";
import { includes, members } from "../../../src/env/alfworld/bits.ts";
import { ROOMS, facts as table } from "../../../src/env/alfworld/facts.ts";
import facts from "../../../src/env/alfworld/facts.txt" with { type: "text" };
import { isFulfilled } from "../../../src/env/alfworld/goal.ts";
import { makeFacts } from "../../../src/env/alfworld/make-facts.ts";
import { drawScene } from "../../../src/env/alfworld/scene.ts";
import { Alfworld } from "../../../src/env/alfworld/world.ts";
import { checkEnv } from "../../../src/env/check-env.ts";
import { DATA, HAS_DATA, readZipped, type Scenes } from "./data.ts";
import { playRandomly } from "./random-play.ts";

const world = new Alfworld();
const { train = [], validation = [], test: held = [], heldout = [] } = world.splits;
const sceneOf = (id: string) => id.split("/")[0] as string;
const every = (n: number) => [...train, ...heldout].filter((_, i) => i % n === 0);

test.skipIf(!HAS_DATA)("the embedded facts are those of the released scenes", () => {
  expect(makeFacts(DATA)).toBe(facts);
});

describe("generated splits", () => {
  test("share no scene, have all rooms and kinds, and are the same on every machine", () => {
    const scenes = [train, validation, held].map((ids) => new Set(ids.map(sceneOf)));
    const all = scenes.flatMap((some) => [...some]);
    expect(new Set(all).size).toBe(all.length);
    expect(scenes.map(({ size }) => size)).toEqual([400, 40, 40]);
    expect(heldout).toEqual([...validation, ...held]);
    for (const ids of [train, validation, held]) {
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(ids.map((id) => world.kindOf(id)))).toEqual(
        new Set(["Pick", "Look", "Clean", "Heat", "Cool", "Pick2"]),
      );
    }
    expect([train.length, validation.length, held.length]).toEqual([4000, 401, 401]);
    expect([train[0], validation[0], held.at(-1)]).toEqual([
      ...["kitchen-1/pick/1", "kitchen-101/pick/1", "bathroom-116/pick2/3"],
    ]);
  });

  test("kinds are as frequent as in the released train split", () => {
    const released: Record<string, number> = {};
    for (const kinds of table().quests.values()) {
      for (const [kind, count] of kinds) released[kind] = (released[kind] ?? 0) + count / 3554;
    }
    for (const [kind, share] of Object.entries(released)) {
      const own = train.filter((id) => world.kindOf(id) === kind).length / train.length;
      expect(Math.abs(own - share)).toBeLessThan(0.002);
    }
  });
});

describe("generated households", () => {
  test("are drawn from their id alone", () => {
    for (const id of every(400)) {
      const [one, other] = [new Alfworld().start(id, 1), world.start(id, 2)];
      expect(one.opening).toBe(other.opening);
      expect(one.game.house.initial).toEqual(other.game.house.initial);
      expect(one.game.house.objects).toEqual(other.game.house.objects);
    }
    const openings = every(40).map((id) => world.start(id, 1).opening);
    expect(new Set(openings).size).toBeGreaterThan(0.9 * openings.length);
  });

  test("are solved by the expert within 50 steps, every one, and none is solved at the start", () => {
    for (const id of every(9)) {
      const episode = world.start(id, 0, 50);
      expect(isFulfilled(episode.game.goal, episode.state)).toBe(false);
      expect(episode.game.quest?.kind as string).toBe(world.kindOf(id) as string);
      const expert = world.expert(episode);
      for (;;) {
        const { end, success, valid } = episode.step(expert.next());
        expect(valid).toBe(true);
        if (end === null) continue;
        expect(`${id} ${success}`).toBe(`${id} true`);
        break;
      }
    }
  });

  test("random play: what is listed is accepted, and only that; refusals change nothing", () => {
    const random = randomFrom(11);
    for (const id of every(120)) playRandomly(world.start(id, 0), random, 60);
  });

  test("keep the contract of every world, in both formats", async () => {
    for (const id of every(700)) {
      await checkEnv(world, id);
      await checkEnv(new Alfworld({ option: { format: "text" } }), id);
    }
  });

  test("what is wanted lies in a receptacle that is not the target's", () => {
    for (const id of every(60)) {
      const { house, quest } = world.start(id, 0).game;
      const wanted = house.objectTypes
        .map((_, o) => o)
        .filter((o) => house.objectTypes[o] === quest?.object);
      expect(wanted.length).toBeGreaterThanOrEqual(quest?.kind === "Pick2" ? 2 : 1);
      for (const o of wanted) {
        const inside = house.receptacles.map((_, r) => r);
        const places = inside.filter((r) =>
          includes(house.initial, house.insideAt + r * house.setWords, o),
        );
        expect(places.length).toBe(1);
        expect(house.receptacleTypes[places[0] as number]).not.toBe(quest?.target as string);
      }
    }
  });

  test.each([
    ["kitchen-0/heat/3"],
    ["kitchen-121/heat/3"],
    ["kitchen-17/look/3"],
    ["kitchen-17/heat/0"],
    ["attic-17/heat/3"],
    ["kitchen-17/heat"],
    [""],
    ["\0".repeat(100)],
    ["x".repeat(100_000)],
  ])("%p is no task", (id) => {
    expect(() => world.start(id, 0)).toThrow(/^alfworld: no task "/);
  });

  test("of any number up to 9999 can be asked for", () => {
    expect(world.start("bedroom-3/look/9999", 0).opening).toContain("Your task is to: ");
  });
});

describe.skipIf(!HAS_DATA)("generated rooms have the statistics of the released ones", () => {
  const released = HAS_DATA ? (JSON.parse(readZipped("scenes.json.gz")) as Scenes) : undefined;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  test.each(ROOMS.map((room) => [room]))(
    "%s: receptacles, shared locations, openable ones",
    (room) => {
      const scenes = Object.values(released?.scenes ?? {}).filter((scene) => scene.room === room);
      const drawn = Array.from({ length: 400 }, (_, i) => drawScene(table(), room, i + 1));
      const places = (locations: readonly string[]) => new Set(locations).size;
      const pairs: [number, number][] = [
        [
          mean(scenes.map(({ receptacles }) => receptacles.length)),
          mean(drawn.map(({ receptacles }) => receptacles.length)),
        ],
        [
          mean(scenes.map(({ receptacles }) => places(receptacles.map(([, , l]) => l)))),
          mean(drawn.map(({ receptacles }) => places(receptacles.map(({ location }) => location)))),
        ],
        [
          mean(
            scenes.map(({ receptacles }) => receptacles.filter(([, , , opens]) => opens).length),
          ),
          mean(
            drawn.map(({ receptacles }) => receptacles.filter(({ openable }) => openable).length),
          ),
        ],
        [
          mean(scenes.map(({ fixed }) => fixed.length)),
          mean(drawn.map(({ fixed }) => fixed.length)),
        ],
      ];
      // 400 draws of what 24 to 28 scenes have: the means differ by chance.
      for (const [real, own] of pairs) expect(Math.abs(own / real - 1)).toBeLessThan(0.12);
    },
  );

  test("objects: as many copies, in the same kinds of places", () => {
    const games = train
      .filter((_, i) => i % 4 === 0)
      .map((id) => ({ id, game: world.start(id, 0).game }));
    const copies = new Map<string, number>();
    const places = new Map<string, number>();
    let kitchens = 0;
    for (const { id, game } of games) {
      if (!id.startsWith("kitchen")) continue;
      kitchens++;
      const { house, quest } = game;
      for (const [o, type] of house.objectTypes.entries()) {
        if (type === quest?.object) continue;
        copies.set(type, (copies.get(type) ?? 0) + 1);
        for (const r of house.receptacles.keys()) {
          const inside = members(
            house.initial,
            house.insideAt + r * house.setWords,
            house.setWords,
          );
          if (!inside.includes(o)) continue;
          const place = `${type} ${house.receptacleTypes[r]}`;
          places.set(place, (places.get(place) ?? 0) + 1);
        }
      }
    }
    for (const type of ["Bread", "Apple", "Knife", "Plate", "Mug"]) {
      const counts = Object.entries(released?.instances.kitchen?.[type] ?? {});
      const all = counts.reduce((sum, [n, times]) => sum + Number(n) * times, 0);
      const real = all / (released?.games_per_room.kitchen ?? 1);
      const own = (copies.get(type.toLowerCase()) ?? 0) / kitchens;
      // The object that is wanted is left out above, so there are somewhat fewer.
      expect(own / real).toBeGreaterThan(0.8);
      expect(own / real).toBeLessThan(1.1);
      const shares = released?.placement[type] ?? {};
      const sum = Object.values(shares).reduce((a, b) => a + b, 0);
      const placed = [...places].filter(([place]) => place.startsWith(`${type.toLowerCase()} `));
      const drawn = placed.reduce((total, [, n]) => total + n, 0);
      for (const [place, n] of Object.entries(shares)) {
        const share = (places.get(`${type} ${place}`.toLowerCase()) ?? 0) / drawn;
        // Not every room has a dining table, and who has none puts its share elsewhere.
        expect(Math.abs(share - n / sum)).toBeLessThan(0.12);
      }
    }
  });
});
