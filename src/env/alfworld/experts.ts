/**
 * Experts for demonstrations. The flawless one plays nextCommand. The other errs with a given probability
 * at a turn, as people do, so that demonstrations also show recoveries: it goes somewhere for no reason
 * (35 %), lets go of what it holds in the wrong place (15 %), forgets the treatment and goes straight to the
 * target (15 %), takes something it has no use for (10 %), looks around (10 %), leaves a word out (10 %),
 * repeats itself (5 %). A kind that does not apply leaves its share to the others.
 */
import { drawWeighted } from "../../core/draws.ts";
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import type { Expert, Mistakes } from "../env.ts";
import { includes } from "./bits.ts";
import type { Command } from "./commands.ts";
import { nextCommand, type Position } from "./expert.ts";
import { HELD } from "./layout.ts";
import type { Quest } from "./quest.ts";

/** A position, and what can be done in it. */
export interface Player extends Position {
  readonly commands: readonly Command[];
}

export function alfworldExpert(player: Player, quest: Quest, mistakes?: Mistakes): Expert {
  if (mistakes === undefined) return { next: () => nextCommand(player, quest) };
  const random = randomFrom(seedFor(mistakes.seed, "mistakes"));
  let previous: string | undefined;
  return {
    next() {
      const right = nextCommand(player, quest);
      const errs = random.uniform() < mistakes.rate;
      previous = errs ? mistake(random, player, quest, right, previous) : right;
      return previous;
    },
  };
}

function mistake(
  random: Random,
  player: Player,
  quest: Quest,
  right: string,
  previous: string | undefined,
): string {
  const { commands } = player;
  const one = (some: readonly Command[]) => random.sample(some, 1)[0]?.text;
  const of = (action: Command["action"]) => commands.filter((one) => one.action === action);
  const idle = ["look", "inventory", "examineReceptacle", "examineObject"];
  const kinds: (readonly [number, string | undefined])[] = [
    [35, one(of("GotoLocation"))],
    [15, one(of("PutObject"))],
    [15, one(hasty(player, quest))],
    [10, one(of("PickupObject").filter(({ object }) => isUseless(player, quest, object)))],
    [10, one(commands.filter(({ action }) => idle.includes(action)))],
    [10, withoutOneWord(random, right)],
    [5, previous],
  ];
  const possible = kinds.filter(([, action]) => action !== undefined && action !== right);
  return drawWeighted(random, possible) ?? right;
}

/** Ways straight to the target with what is wanted in hand. */
function hasty({ game, state, commands }: Player, { object, target }: Quest): Command[] {
  const { objectTypes, receptacleTypes } = game.house;
  if (objectTypes[(state[HELD] as number) - 1] !== object) return [];
  return commands.filter(
    ({ action, other }) =>
      (action === "GotoLocation" || action === "PutObject") && receptacleTypes[other] === target,
  );
}

/** Something of another type, which can be put somewhere again. */
function isUseless({ game }: Player, { object }: Quest, taken: number): boolean {
  const { objectTypes, receptacles, canContain, setWords } = game.house;
  if (objectTypes[taken] === object) return false;
  return receptacles.some((_, r) => includes(canContain, r * setWords, taken));
}

function withoutOneWord(random: Random, command: string): string {
  const words = command.split(" ");
  words.splice(random.integer(words.length), 1);
  return words.join(" ");
}
