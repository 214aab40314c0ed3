/**
 * The tasks of the embedded default: `<room>-<scene>/<kind>/<number>`. Scenes 1 to 100 of each room are for
 * training, 101 to 110 for validation, 111 to 120 for tests, so no split knows another's rooms. Rooms and
 * kinds are as frequent as in the release's train split.
 */
import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { describe } from "./description.ts";
import { facts, ROOMS, type Room } from "./facts.ts";
import { noGameAt } from "./folders.ts";
import type { Game, GameMaker } from "./game.ts";
import { drawHousehold, kindNamed } from "./household.ts";
import { KINDS, type Kind } from "./quest.ts";

/** First and last scene, and number of tasks. */
const SPLITS: Readonly<Record<string, readonly [first: number, last: number, tasks: number]>> = {
  train: [1, 100, 4000],
  validation: [101, 110, 400],
  test: [111, 120, 400],
};
const LAST_SCENE = 120;
/** Games of one scene and kind that can be asked for by id. */
const LAST_GAME = 9999;

export function generatedSplits(): Record<string, readonly string[]> {
  const splits = Object.fromEntries(
    Object.entries(SPLITS).map(([name, [first, last, tasks]]) => [name, list(first, last, tasks)]),
  );
  const heldout = [...(splits.validation ?? []), ...(splits.test ?? [])];
  return { ...splits, heldout };
}

/** About `tasks` ids: each room and kind has its share, spread evenly over the scenes. */
function list(first: number, last: number, tasks: number): string[] {
  const { quests } = facts();
  const all = [...quests.values()].flatMap((kinds) => [...kinds.values()]);
  const sum = all.reduce((a, b) => a + b, 0);
  const scenes = last - first + 1;
  return ROOMS.flatMap((room) =>
    KINDS.flatMap((kind) => {
      const share = (quests.get(room)?.get(kind) ?? 0) / sum;
      return Array.from({ length: Math.round(tasks * share) }, (_, i) => {
        const number = Math.floor(i / scenes) + 1;
        return `${room}-${first + (i % scenes)}/${kind.toLowerCase()}/${number}`;
      });
    }),
  );
}

interface GeneratedTask {
  readonly room: Room;
  readonly scene: number;
  readonly kind: Kind;
  readonly number: number;
}

export function parseTask(id: string): GeneratedTask | undefined {
  const match = /^([a-z]+)-([1-9]\d{0,2})\/([a-z0-9]+)\/([1-9]\d{0,3})$/.exec(id);
  const room = ROOMS.find((one) => one === match?.[1]);
  const kind = kindNamed(match?.[3] ?? "");
  const [scene, number] = [Number(match?.[2]), Number(match?.[4])];
  if (room === undefined || kind === undefined || !facts().quests.get(room)?.has(kind)) return;
  return scene <= LAST_SCENE && number <= LAST_GAME ? { room, scene, kind, number } : undefined;
}

/** @throws UserError for an id that names no household */
export function generatedGame(id: string, maker: GameMaker, known: readonly string[]): Game {
  const task = parseTask(id);
  if (task === undefined) {
    throw new UserError(
      `alfworld: no task "${id.slice(0, 200)}" (allowed: <room>-<scene>/<kind>/<number>, such as ` +
        `kitchen-17/heat/3, or a game folder)`,
      noGameAt(id) ??
        (didYouMean(id.slice(0, 200), known) ||
          `rooms: ${ROOMS.join(", ")}; scenes 1 to ${LAST_SCENE}`),
    );
  }
  const { room, scene, kind, number } = task;
  const { problem, quest } = drawHousehold(facts(), room, scene, kind, number);
  return maker.fromProblem(problem, describe(quest, id));
}
