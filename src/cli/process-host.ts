/** Standard output, standard error, standard input and signals of this process. */

import { writeSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { isatty } from "node:tty";
import { EXIT } from "./command.ts";
import { type Host, isClosedPipe } from "./dispatch.ts";

export function processHost(): Host {
  const interruption = new AbortController();
  let keepWorking = false;
  const lines = inputLines();
  return {
    io: {
      out: (line) => writeLine(1, line, keepWorking),
      write: (text) => writeWhole(1, text, keepWorking),
      // Losing the notes must never end a run: nobody reads them any more, or their disk is full.
      note: (line) => writeLine(2, line, true),
      ask: (prompt, expected = () => []) => lines(prompt, expected),
      isTerminal: isatty(1),
      interrupted: interruption.signal,
    },
    catchSignals: () => {
      keepWorking = true;
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.on(signal, () => {
          // The second time the caller does not want to wait for a checkpoint.
          if (interruption.signal.aborted) process.exit(EXIT.resumable);
          interruption.abort(signal);
        });
      }
    },
  };
}

function writeLine(descriptor: number, line: string, ignoreLoss: boolean): void {
  writeWhole(descriptor, `${line}\n`, ignoreLoss);
}

const idle = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes before it returns: what a stream still holds when the process exits is lost. A pipe that
 * is full and does not block is tried again after a millisecond.
 */
function writeWhole(descriptor: number, text: string, ignoreLoss: boolean): void {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      if ((error as { code?: unknown }).code === "EAGAIN") Atomics.wait(idle, 0, 0, 1);
      else if (ignoreLoss && isLost(error)) return;
      else throw error;
    }
  }
}

function isLost(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return isClosedPipe(error) || code === "ENOSPC" || code === "EIO" || code === "EBADF";
}

/** Lines of standard input, which is opened with the first question. */
function inputLines(): (prompt: string, expected: Expected) => Promise<string | null> {
  let reader: Interface | undefined;
  let iterator: AsyncIterator<string> | undefined;
  let choices: Expected = () => [];
  return async (prompt, expected) => {
    choices = expected;
    reader ??= openReader((line) => complete(line, choices()));
    iterator ??= reader[Symbol.asyncIterator]();
    reader.setPrompt(prompt);
    if (isatty(0)) reader.prompt();
    const next = await iterator.next();
    return next.done ? null : next.value;
  };
}

type Expected = () => readonly string[];
type Completer = (line: string) => [string[], string];

/** At a terminal lines can be edited and completed; what is asked stays off standard output. */
function openReader(completer: Completer): Interface {
  const typed = isatty(0) && isatty(2);
  if (!typed) return createInterface({ input: process.stdin, crlfDelay: Infinity });
  const reader = createInterface({
    ...{ input: process.stdin, output: process.stderr, terminal: true, completer },
  });
  // Ctrl-C ends the questions, as the end of input does.
  reader.on("SIGINT", () => reader.close());
  return reader;
}

/** The expected lines that begin as this one does; while several do, as far as they agree. */
export function complete(line: string, expected: readonly string[]): [string[], string] {
  return [expected.filter((one) => one.startsWith(line)), line];
}
