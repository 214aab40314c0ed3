/**
 * Real games: which folders are played, in which split, and how a folder becomes a game. The filter is the
 * original loader's: a folder counts when it has its metadata, no movable receptacle and nothing sliced, a
 * task of the six kinds, and is solvable. Here it must also open.
 */
import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { Skipped } from "../env.ts";
import { describe } from "./description.ts";
import {
  type Folder,
  findFolders,
  folderAt,
  GAME_FILE,
  METADATA_FILE,
  noGameAt,
  PROBLEM_FILE,
} from "./folders.ts";
import { type Game, type GameMaker, readGameFile } from "./game.ts";
import { canBeFulfilled } from "./goal.ts";
import { readMetadata } from "./metadata.ts";
import { readProblem } from "./problem.ts";
import { KIND_OF_TYPE, type Kind, questOf } from "./quest.ts";
import { isSolvable } from "./solvable.ts";

/** The splits of the release in their usual order; others follow by name. */
const ORDER = ["train", "valid_seen", "valid_unseen", "valid_train"];
const UNPLAYED = /movable|Sliced/;

/** What there is of a split. */
export interface CheckedSplit {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly skipped: readonly Skipped[];
}

export class GameData {
  /** Names of the splits that have folders, playable or not. */
  readonly splits: readonly string[];
  readonly #path: string;
  readonly #maker: GameMaker;
  readonly #folders: ReadonlyMap<string, Folder>;
  readonly #checked = new Map<string, CheckedSplit>();

  /** @throws UserError for a path without games */
  constructor(path: string, maker: GameMaker) {
    this.#path = path;
    this.#maker = maker;
    this.#folders = findFolders(path);
    const found = new Set([...this.#folders.keys()].filter(isPlayed).map(splitOf));
    const usual = ORDER.filter((name) => found.has(name));
    this.splits = [...usual, ...[...found].filter((name) => !ORDER.includes(name))];
  }

  /**
   * Opens every game of a split, once: a game that does not open is skipped here, not met in the middle of a
   * run. Some 1.5 ms each, so a split is only checked when somebody asks for it.
   */
  check(split: string): CheckedSplit {
    const known = this.#checked.get(split);
    if (known !== undefined) return known;
    const kinds = new Map<string, Kind>();
    const skipped: Skipped[] = [];
    for (const [id, folder] of this.#folders) {
      if (splitOf(id) !== split || !isPlayed(id)) continue;
      const found = inspect(folder, this.#maker);
      if ("kind" in found) kinds.set(id, found.kind);
      else skipped.push({ task: id, reason: found.reason });
    }
    const checked = { kinds, skipped };
    this.#checked.set(split, checked);
    return checked;
  }

  kindOf(id: string): Kind | undefined {
    const folder = this.#folders.get(id);
    return folder && this.check(splitOf(id)).kinds.get(id);
  }

  /** A folder by id, with or without its split. @throws UserError naming the nearest id */
  find(task: string): Folder {
    const direct = this.#folders.get(task) ?? folderAt(task) ?? folderAt(`${this.#path}/${task}`);
    if (direct !== undefined) return direct;
    const ids = [...this.#folders.keys()];
    const ending = ids.filter((id) => id.endsWith(`/${task}`));
    const [only] = ending;
    if (ending.length === 1 && only !== undefined) return this.#folders.get(only) as Folder;
    throw new UserError(
      `alfworld: no game "${task.slice(0, 200)}" in ${this.#path}` +
        ` (${ids.length} games, such as ${ids[0]})`,
      noGameAt(task) ??
        noGameAt(`${this.#path}/${task}`) ??
        (didYouMean(task.slice(0, 200), ids) || undefined),
    );
  }
}

function splitOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

function isPlayed(id: string): boolean {
  return !UNPLAYED.test(id);
}

type Inspected = { readonly kind: Kind } | { readonly reason: string };

/** The kind of a folder's task, or why it is not played. */
function inspect(folder: Folder, maker: GameMaker): Inspected {
  try {
    if (!folder.has(METADATA_FILE)) return { reason: `no ${METADATA_FILE}` };
    const type = readMetadata(folder).task_type;
    const kind = Object.hasOwn(KIND_OF_TYPE, type) ? KIND_OF_TYPE[type] : undefined;
    if (kind === undefined) return { reason: `task type ${type.slice(0, 60)}` };
    return whyUnplayed(folder, maker) ?? { kind };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // The id has named the folder already.
    return { reason: error.message.replaceAll(folder.path(""), "") };
  }
}

/** @throws UserError for a game that does not open */
function whyUnplayed(folder: Folder, maker: GameMaker): { readonly reason: string } | undefined {
  if (folder.has(GAME_FILE)) {
    const where = folder.path(GAME_FILE);
    const parts = readGameFile(folder.read(GAME_FILE), where);
    if (parts.solvable === undefined) {
      return { reason: `${GAME_FILE} does not say whether it is solvable` };
    }
    if (parts.solvable !== true) return { reason: "unsolvable" };
    const { goal, quest } = maker.fromParts(parts, where);
    if (!canBeFulfilled(goal)) return { reason: "unsolvable" };
    return quest === undefined ? { reason: "its goal is none of the six kinds" } : undefined;
  }
  if (!folder.has(PROBLEM_FILE)) return { reason: `no ${GAME_FILE}` };
  // Nobody has said whether this one can be solved.
  return isSolvable(openFolder(folder, maker)) ? undefined : { reason: "unsolvable" };
}

/** @throws UserError naming what is missing or does not fit */
export function openFolder(folder: Folder, maker: GameMaker): Game {
  if (folder.has(GAME_FILE)) {
    const where = folder.path(GAME_FILE);
    return maker.fromParts(readGameFile(folder.read(GAME_FILE), where), where);
  }
  const problem = readProblem(folder.read(PROBLEM_FILE), folder.path(PROBLEM_FILE));
  const quest = questOf(problem);
  if (quest !== undefined) return maker.fromProblem(problem, describe(quest, folder.id));
  throw new UserError(
    `${folder.path(PROBLEM_FILE)}: the goal is none of the six kinds, so nothing describes it`,
    `add the ${GAME_FILE}, which says what the task is called`,
  );
}

/** How people described a game's task; empty where nobody did. */
export function humanDescriptions(folder: Folder): readonly string[] {
  if (!folder.has(METADATA_FILE)) return [];
  return readMetadata(folder).turk_annotations.anns.map(({ task_desc }) => task_desc.trim());
}
