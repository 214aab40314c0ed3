/** From arguments to an exit code; every error of a command ends here. */

import { version } from "../../package.json" with { type: "json" };
import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { printable } from "../core/printable.ts";
import { type AnyCommand, EXIT, type ExitCode, type Io } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpText, usageText } from "./help.ts";
import { parseFlags } from "./parse-flags.ts";

/** What the process must do for a command before it runs. */
export interface Host {
  readonly io: Io;
  /** Called when an interruptible command starts. */
  catchSignals(): void;
}

/** Runs `empg args…` and returns its exit code; throws only what the host's own output throws. */
export async function dispatch(args: readonly string[], host: Host): Promise<ExitCode> {
  try {
    return await run(args, host);
  } catch (error) {
    if (isClosedPipe(error)) throw error;
    return report(error, host.io);
  }
}

async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    host.io.out(usageText(version, await Promise.all(Object.keys(COMMANDS).map(loadCommand))));
    return EXIT.done;
  }
  if (first === "--version") {
    host.io.out(version);
    return EXIT.done;
  }
  const command = await loadCommand(first);
  const options = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (options.includes("--help") || options.includes("-h")) {
    host.io.out(helpText(command));
    return EXIT.done;
  }
  const parsed = parseFlags(command.name, command, rest);
  if (command.interruptible) host.catchSignals();
  return (await command.run(parsed as never, host.io)) ?? EXIT.done;
}

async function loadCommand(name: string): Promise<AnyCommand> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return (await load()).command;
  const kind = name.startsWith("-") ? "option" : "command";
  const known = kind === "option" ? ["--help", "--version"] : Object.keys(COMMANDS);
  const near = didYouMean(name, known);
  throw new UserError(
    `unknown ${kind} "${name}"`,
    near === "" ? "empg --help lists the commands" : near,
  );
}

function report(error: unknown, io: Io): ExitCode {
  if (error instanceof UserError) {
    io.note(`error: ${oneLine(error.message)}`);
    if (error.hint !== undefined && error.hint !== "") io.note(`hint: ${oneLine(error.hint)}`);
    return EXIT.mistake;
  }
  io.note(`error: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  if (hasCode(error, "ENOSPC")) {
    io.note("hint: make room and go on; what was written whole is intact");
    return EXIT.resumable;
  }
  // By name: the class lives in the GPU layer, which no command should load just to fail.
  if (error instanceof Error && error.name === "DeviceLostError") {
    io.note("hint: the last checkpoint is intact; continue with empg train --resume DIR");
    return EXIT.resumable;
  }
  if (process.env.EMPG_DEBUG === "1" && error instanceof Error)
    io.note(printable(error.stack ?? ""));
  else io.note("hint: EMPG_DEBUG=1 shows where it happened");
  return EXIT.failed;
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*[\r\n]+\s*/g, " ").trim());
}

/** Nobody reads our output any more. */
export function isClosedPipe(error: unknown): boolean {
  return hasCode(error, "EPIPE");
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}
