/**
 * Real games: which folders are played, in which split, and how a folder becomes a game. The filter is the
 * original loader's: a folder counts when it has its metadata, no movable receptacle and nothing sliced, a
 * task of the six kinds, and is solvable.
 */
import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { describe } from "./description.ts";
import {
  type Folder,
  findFolders,
  folderAt,
  GAME_FILE,
  METADATA_FILE,
  PROBLEM_FILE,
} from "./folders.ts";
import type { Game, GameMaker } from "./game.ts";
import { readMetadata } from "./metadata.ts";
import { readProblem } from "./problem.ts";
import { KIND_OF_TYPE, type Kind, questOf } from "./quest.ts";
import { isSolvable } from "./solvable.ts";

/** The splits of the release in their usual order; others follow by name. */
const ORDER = ["train", "valid_seen", "valid_unseen", "valid_train"];
const UNPLAYED = /movable|Sliced/;
const SOLVABLE = /"solvable"\s*:\s*(true|false)/;

export interface Skipped {
  readonly id: string;
  readonly reason: string;
}

export class GameData {
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly skipped: readonly Skipped[];
  readonly #path: string;
  readonly #folders: ReadonlyMap<string, Folder>;
  readonly #kinds = new Map<string, Kind>();

  /** @throws UserError for a path without games, or metadata that cannot be read */
  constructor(path: string, maker: GameMaker) {
    this.#path = path;
    this.#folders = findFolders(path);
    const splits = new Map<string, string[]>(ORDER.map((name) => [name, []]));
    const skipped: Skipped[] = [];
    for (const [id, folder] of this.#folders) {
      if (UNPLAYED.test(id)) continue;
      const found = inspect(folder, maker);
      if ("reason" in found) {
        skipped.push({ id, reason: found.reason });
        continue;
      }
      this.#kinds.set(id, found.kind);
      const split = id.slice(0, id.indexOf("/"));
      if (!splits.has(split)) splits.set(split, []);
      splits.get(split)?.push(id);
    }
    this.skipped = skipped;
    this.splits = Object.fromEntries([...splits].filter(([, ids]) => ids.length > 0));
  }

  kindOf(id: string): Kind | undefined {
    return this.#kinds.get(id);
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
      didYouMean(task.slice(0, 200), ids) || undefined,
    );
  }
}

/** The kind of a folder's task, or why it is not played. */
function inspect(
  folder: Folder,
  maker: GameMaker,
): { readonly kind: Kind } | { readonly reason: string } {
  if (!folder.has(METADATA_FILE)) return { reason: `no ${METADATA_FILE}` };
  const type = readMetadata(folder).task_type;
  const kind = Object.hasOwn(KIND_OF_TYPE, type) ? KIND_OF_TYPE[type] : undefined;
  if (kind === undefined) return { reason: `task type ${type.slice(0, 60)}` };
  if (folder.has(GAME_FILE)) {
    const solvable = SOLVABLE.exec(folder.read(GAME_FILE))?.[1];
    if (solvable === "true") return { kind };
    if (solvable === "false") return { reason: "unsolvable" };
    return { reason: `${GAME_FILE} does not say whether it is solvable` };
  }
  if (!folder.has(PROBLEM_FILE)) return { reason: `no ${GAME_FILE}` };
  const problem = readProblem(folder.read(PROBLEM_FILE), folder.path(PROBLEM_FILE));
  if (questOf(problem) === undefined) return { reason: "a goal of none of the six kinds" };
  // Nobody has said whether this one can be solved.
  return isSolvable(openFolder(folder, maker)) ? { kind } : { reason: "unsolvable" };
}

/** @throws UserError naming what is missing or does not fit */
export function openFolder(folder: Folder, maker: GameMaker): Game {
  if (folder.has(GAME_FILE)) {
    return maker.fromGameFile(folder.read(GAME_FILE), folder.path(GAME_FILE));
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
