/** Opens ALFWorld: reads its data and options, lists its tasks, starts its episodes. */
import { invariant, UserError } from "../../core/errors.ts";
import { lazyRecord } from "../../core/lazy-record.ts";
import { randomFrom, seedFor } from "../../core/random.ts";
import { Recent } from "../../core/recent.ts";
import type {
  AgentFormat,
  Episode,
  Expert,
  Mistakes,
  Skipped,
  World,
  WorldOptions,
} from "../env.ts";
import { readOptions } from "../options.ts";
import { GameData, humanDescriptions, openFolder } from "./data.ts";
import { AlfworldEpisode } from "./env.ts";
import { alfworldExpert } from "./experts.ts";
import { type Folder, folderAt } from "./folders.ts";
import { FORMATS } from "./format.ts";
import { type Game, GameMaker } from "./game.ts";
import { generatedGame, generatedSplits, parseTask } from "./generated.ts";
import { OPTIONS } from "./options.ts";
import { KINDS } from "./quest.ts";

/** Compiled games that are kept: all that a batch plays at once, not all that a long run meets. */
const KEPT_GAMES = 1000;
const NAMED_SKIPS = 3;

export class Alfworld implements World {
  readonly name = "alfworld";
  readonly format: AgentFormat;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly #data: GameData | undefined;
  readonly #maker = new GameMaker();
  readonly #games = new Recent<string, Game>(KEPT_GAMES);
  readonly #reward: number;
  readonly #human: boolean;

  constructor({ data, option = {}, note = () => {} }: WorldOptions = {}) {
    const options = readOptions("alfworld", OPTIONS, option);
    this.format = FORMATS[options.format];
    this.#reward = Number(options.reward);
    this.#human = options.goals === "human";
    if (this.#human && data === undefined) {
      throw new UserError("alfworld: option goals=human needs real games (--data)");
    }
    this.#data = data === undefined ? undefined : new GameData(data, this.#maker);
    const kinds = new Set<string | undefined>(options.kinds ?? KINDS);
    const limited = (ids: readonly string[]) => ids.filter((id) => kinds.has(this.kindOf(id)));
    const made = this.#data === undefined ? generatedSplits() : listed(this.#data, note);
    this.splits = lazyRecord(Object.keys(made), (name) => limited(made[name] ?? []));
  }

  skipped(): readonly Skipped[] {
    const data = this.#data;
    return data?.splits.flatMap((split) => data.check(split).skipped) ?? [];
  }

  /** Pick, Look, Clean, Heat, Cool or Pick2; results are reported by it. */
  kindOf(task: string): string | undefined {
    return this.#data === undefined ? parseTask(task)?.kind : this.#data.kindOf(task);
  }

  start(task: string, seed: number, maxTurns = Number.POSITIVE_INFINITY): AlfworldEpisode {
    const folder = this.#data === undefined ? folderAt(task) : this.#data.find(task);
    const game = this.#gameOf(folder, task);
    const sentence = (this.#human && folder && this.#drawDescription(folder, seed)) || game.task;
    return new AlfworldEpisode({
      ...{ task: folder?.id ?? task, game, sentence, reward: this.#reward, maxTurns },
    });
  }

  expert(episode: Episode, mistakes?: Mistakes): Expert {
    invariant(episode instanceof AlfworldEpisode, "this episode is not ALFWorld's");
    const { quest } = episode.game;
    if (quest !== undefined) return alfworldExpert(episode, quest, mistakes);
    throw new UserError(`alfworld: "${episode.task}": its goal is none of the six kinds`);
  }

  #gameOf(folder: Folder | undefined, task: string): Game {
    const key = folder?.where ?? task;
    const known = this.#games.get(key);
    if (known !== undefined) return known;
    const game = folder
      ? openFolder(folder, this.#maker)
      : generatedGame(task, this.#maker, this.splits.train ?? []);
    this.#games.set(key, game);
    return game;
  }

  #drawDescription(folder: Folder, seed: number): string | undefined {
    const random = randomFrom(seedFor(seed, "alfworld-description", folder.id));
    const [description] = random.sample(humanDescriptions(folder), 1);
    return description && `Your task is to: ${description}.`;
  }
}

/** The games of each split; what of it is skipped is noted when it is first asked for. */
function listed(data: GameData, note: (line: string) => void): World["splits"] {
  return lazyRecord(data.splits, (split) => {
    const { kinds, skipped } = data.check(split);
    if (skipped.length > 0) note(skippedText(split, skipped, kinds.size + skipped.length));
    return [...kinds.keys()];
  });
}

function skippedText(split: string, skipped: readonly Skipped[], all: number): string {
  const named = skipped.slice(0, NAMED_SKIPS).map(({ task, reason }) => `${task} (${reason})`);
  const rest = skipped.length - named.length;
  const more = rest > 0 ? `, and ${rest} more: empg envs alfworld --data DIR lists all` : "";
  return `alfworld: skipped ${skipped.length} of the ${all} games of ${split}: ${named.join(", ")}${more}`;
}
