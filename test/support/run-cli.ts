/** Runs a command inside the test's own process. */

import { dispatch } from "../../src/cli/dispatch.ts";

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

/** `empg args…`, with `input` as the lines of standard input that a question receives. */
export async function runCli(args: readonly string[], input: readonly string[] = []) {
  const out: string[] = [];
  const notes: string[] = [];
  const lines = [...input];
  const code = await dispatch(args, {
    io: {
      out: (line) => out.push(line),
      write: (text) => out.push(text),
      note: (line) => notes.push(line),
      ask: async () => lines.shift() ?? null,
      isTerminal: false,
      interrupted: new AbortController().signal,
    },
    catchSignals: () => {},
  });
  return { code, out: out.join("\n"), notes: notes.join("\n") } satisfies CliResult;
}
