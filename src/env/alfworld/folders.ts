/**
 * Finds game folders: in a directory of the official layout (or any part of it), in a .tar.gz archive of
 * one, or in a directory that holds such archives. A folder's id is `<split>/<task-folder>/<trial>`,
 * wherever it was found.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { UserError } from "../../core/errors.ts";
import { readTar } from "../../core/tar.ts";
import { unreadable } from "../../core/text-file.ts";

export const GAME_FILE = "game.tw-pddl";
export const PROBLEM_FILE = "initial_state.pddl";
export const METADATA_FILE = "traj_data.json";
const FILES = [GAME_FILE, PROBLEM_FILE, METADATA_FILE];

const ARCHIVE = /\.(tar\.gz|tgz)$/;
/** `<data>/json_2.1.1/<split>/<task-folder>/<trial>` has four levels; one more is allowed on top. */
const DEEPEST = 5;

export class Folder {
  readonly id: string;
  /** Path of the folder, for messages. */
  readonly where: string;
  readonly #files = new Map<string, () => Uint8Array>();

  constructor(id: string, where: string) {
    this.id = id;
    this.where = where;
  }

  add(name: string, read: () => Uint8Array): void {
    this.#files.set(name, read);
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  path(name: string): string {
    return `${this.where}/${name}`;
  }

  /** @throws UserError for a file that is missing, unreadable or not UTF-8 */
  read(name: string): string {
    const read = this.#files.get(name);
    if (read === undefined) throw new UserError(`${this.path(name)}: no such file`);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(read());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new UserError(`${this.path(name)}: not UTF-8 text`);
    }
  }
}

/**
 * The game folders below a path by id, in the order of their ids.
 * @throws UserError where there are none
 */
export function findFolders(path: string): Map<string, Folder> {
  const found: Folder[] = [];
  if (isDirectory(path)) searchDirectory(resolve(path), DEEPEST, found);
  else if (ARCHIVE.test(path)) searchArchive(path, found);
  else throw new UserError(`${path}: expected a directory or a .tar.gz archive`);
  if (found.length === 0) {
    throw new UserError(
      `${path}: no ALFWorld games in it`,
      `a game is a folder <split>/<task>/<trial> with ${GAME_FILE}, or ${PROBLEM_FILE} and ${METADATA_FILE}`,
    );
  }
  const byId = new Map<string, Folder>();
  for (const folder of found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))) {
    const other = byId.get(folder.id);
    // Of two copies the one with its metadata is the whole one.
    if (other === undefined || (!other.has(METADATA_FILE) && folder.has(METADATA_FILE))) {
      byId.set(folder.id, folder);
    }
  }
  return byId;
}

/** The game folder at exactly this path of the file system, or around this game file, if it is one. */
export function folderAt(named: string): Folder | undefined {
  const path = basename(named) === GAME_FILE ? dirname(named) : named;
  try {
    if (!statSync(path).isDirectory()) return undefined;
  } catch {
    return undefined;
  }
  return readFolder(resolve(path), list(path));
}

/** A hint for someone who named this path as a game; undefined where there is no such path. */
export function noGameAt(path: string): string | undefined {
  if (path === "" || !existsSync(path)) return undefined;
  return `${path} is no game folder itself; --data takes directories and archives of games`;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function idOf(path: string): string {
  return path.split("/").slice(-3).join("/");
}

function searchDirectory(path: string, levels: number, found: Folder[]): void {
  const names = list(path);
  for (const name of names) {
    const inner = join(path, name);
    if (FILES.includes(name)) continue;
    if (ARCHIVE.test(name)) searchArchive(inner, found);
    else if (levels > 0 && statSync(inner, { throwIfNoEntry: false })?.isDirectory()) {
      searchDirectory(inner, levels - 1, found);
    }
  }
  const folder = readFolder(path, names);
  if (folder !== undefined) found.push(folder);
}

/** The game whose files lie in this directory itself. */
function readFolder(path: string, names: readonly string[]): Folder | undefined {
  const files = names.filter((name) => FILES.includes(name));
  if (files.length === 0) return undefined;
  const folder = new Folder(idOf(path), path);
  for (const name of files) folder.add(name, () => readBytes(join(path, name)));
  return folder;
}

function list(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function searchArchive(path: string, found: Folder[]): void {
  let files: Map<string, Uint8Array>;
  try {
    files = readTar(gunzipSync(readBytes(path)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: not a whole .tar.gz archive: ${(error as Error).message}`);
  }
  const folders = new Map<string, Folder>();
  const outside = basename(path).replace(ARCHIVE, "");
  for (const [name, bytes] of files) {
    const end = name.lastIndexOf("/");
    const file = name.slice(end + 1);
    if (end < 0 || !FILES.includes(file)) continue;
    const inside = name.slice(0, end);
    let folder = folders.get(inside);
    if (folder === undefined) {
      folder = new Folder(idOf(`${outside}/${inside}`), `${path}/${inside}`);
      folders.set(inside, folder);
    }
    // Packed again one by one: a whole archive unpacked would fill the memory. Bun's own functions know the
    // size of a result beforehand; those of node:zlib leave several times as much for the collector.
    const packed = Bun.deflateSync(bytes as Uint8Array<ArrayBuffer>, { level: 1 });
    folder.add(file, () => Bun.inflateSync(packed));
  }
  found.push(...folders.values());
}
