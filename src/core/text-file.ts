/** Whole small files and standard input, with readable errors. */

import { readFileSync } from "node:fs";
import { UserError } from "./errors.ts";

/** The text of a file; `-` is standard input. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return path === "-" ? await Bun.stdin.text() : await Bun.file(path).text();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** As `readTextFile`, at once: for the files that everything else waits for. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * What the system said about a file it would not open or write, as the caller's mistake. A full
 * disk is nobody's mistake: it stays an error with its code.
 */
export function unreadable(path: string, error: unknown, verb = "read"): Error {
  const code = (error as { code?: unknown }).code;
  const reason = REASONS[String(code)] ?? (error instanceof Error ? error.message : String(error));
  const problem = `${path}: cannot ${verb}: ${reason}`;
  return code === "ENOSPC" ? Object.assign(new Error(problem), { code }) : new UserError(problem);
}

/** Why something was not written: what the system said is explained, any other error is its own explanation. */
export function writeFailure(path: string, error: unknown): unknown {
  return (error as { syscall?: unknown }).syscall === undefined
    ? error
    : unreadable(path, error, "write");
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  EEXIST: "it exists already",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
};
