/** What a command is, and what it may use of the process. */

import { COMMON, type Flags, type Operands, type Parsed } from "./flags.ts";

/** How a command ends; scripts rely on these numbers. */
export const EXIT = { done: 0, failed: 1, mistake: 2, diverged: 3, resumable: 75 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command's only way to the terminal, so that a test can stand in for it. */
export interface Io {
  /** One line of the result, on standard output. */
  out(line: string): void;
  /** A part of the result without an end of line, on standard output: for what appears while it is made. */
  write(text: string): void;
  /** One line of progress, note or warning, on standard error. */
  note(line: string): void;
  /**
   * Waits for a line of standard input, null at its end; where someone types it, prompts for it, and
   * the tabulator completes it to one of the lines that are expected.
   */
  ask(prompt: string, expected?: () => readonly string[]): Promise<string | null>;
  /** Standard output is a terminal: colour and redrawing are welcome. */
  readonly isTerminal: boolean;
  /** SIGTERM or SIGINT arrived; only for commands that declare `interruptible`. */
  readonly interrupted: AbortSignal;
}

export interface Command<F extends Flags = Flags, O extends Operands = Operands> {
  readonly name: string;
  /** What it does, in half a line. */
  readonly summary: string;
  readonly operands: O;
  readonly flags: F;
  /** It reacts to `io.interrupted` by itself, and works on when nobody reads its output. */
  readonly interruptible: boolean;
  run(args: Parsed<F, O>, io: Io): Promise<ExitCode | undefined> | ExitCode | undefined;
}

/** A command as the dispatcher sees it, whatever its options are. */
export type AnyCommand = Omit<Command, "run"> & {
  run(args: never, io: Io): Promise<ExitCode | undefined> | ExitCode | undefined;
};

interface Declaration<F extends Flags, O extends Operands> {
  readonly name: string;
  readonly summary: string;
  readonly operands?: O;
  readonly flags?: F;
  readonly interruptible?: boolean;
  /** Nothing returned means done. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is meant
  run(args: Parsed<F & typeof COMMON, O>, io: Io): Promise<ExitCode | void> | ExitCode | void;
}

/** A command with the common options added to its own. */
export function defineCommand<const F extends Flags, const O extends Operands>(
  declaration: Declaration<F, O>,
): Command<F & typeof COMMON, O> {
  return {
    name: declaration.name,
    summary: declaration.summary,
    operands: declaration.operands ?? ({} as O),
    flags: { ...(declaration.flags ?? ({} as F)), ...COMMON },
    interruptible: declaration.interruptible ?? false,
    run: async (args, io) => (await declaration.run(args, io)) ?? undefined,
  };
}
