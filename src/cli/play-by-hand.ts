/** A world played by a person: what was typed, what the world says, and on a terminal a little help. */
import { styleText } from "node:util";
import { printable } from "../core/printable.ts";
import type { Episode, Outcome } from "../env/env.ts";
import type { Io } from "./command.ts";

/** Typed instead of an action, it shows what has been seen, where the world keeps a map. */
const MAP = ":map";

type Style = Parameters<typeof styleText>[0];

/**
 * Plays until the episode or the input ends. An empty line lists what can be done; on a terminal the
 * tabulator completes it.
 */
export async function playByHand(world: string, episode: Episode, io: Io): Promise<void> {
  const styled = (style: Style, text: string) =>
    io.isTerminal ? styleText(style, printable(text), { validateStream: false }) : printable(text);
  const help = episode.map === undefined ? "" : `, ${MAP} shows what you have seen`;
  const keys = `an empty line lists what can be done, Tab completes${help}, Ctrl-D ends`;
  io.note(`${world}, task "${printable(episode.task)}"; ${keys}`);
  if (episode.byHand) io.note(episode.byHand.help);
  io.out(styled("bold", episode.opening));
  let turns = 0;
  let sum = 0;
  let last: Outcome | undefined;
  while (last === undefined || last.end === null) {
    const action = await io.ask("> ", () => completions(episode));
    if (action === null) break;
    if (action === "") {
      io.note(printable(episode.admissible().join("\n")) || "nothing is known to succeed here");
      continue;
    }
    if (action.trim() === MAP && episode.map !== undefined) {
      io.note(styled("cyan", episode.map()));
      continue;
    }
    // A terminal shows what was typed; a pipe does not.
    if (!io.isTerminal) io.out(`> ${printable(action)}`);
    last = await episode.step(episode.byHand?.read(action) ?? action);
    turns++;
    sum += last.reward;
    const style = last.success ? "green" : last.valid ? undefined : "yellow";
    io.out(style === undefined ? printable(last.observation) : styled(style, last.observation));
  }
  io.out(ending((last?.end ?? null) !== null, last?.success ?? false, sum, turns));
}

/** The terminal writes them by itself, so they are only those that it shows as they are. */
function completions(episode: Episode): readonly string[] {
  const shown = episode.admissible().filter((action) => printable(action) === action);
  return episode.map === undefined ? shown : [...shown, MAP];
}

/** How an episode went, in one line. */
export function ending(done: boolean, success: boolean, sum: number, turns: number): string {
  const outcome = success ? "solved" : done ? "ended unsolved" : "left unfinished";
  return `${outcome} after ${turns} ${turns === 1 ? "action" : "actions"}, return ${sum}`;
}
