import type { Episode, Outcome } from "../../src/env/env.ts";

/** What happens in the rooms beside walking. */
export interface Rooms {
  /** An action that is paid for, as often as it is taken. */
  readonly paid?: string;
  /** Turns after which an episode is cut off. */
  readonly turns?: number;
  /** The state that the world reports for a room; its name when absent. */
  readonly stateKey?: (room: string) => string;
  /** What an action leads to, in place of what it should. */
  readonly answer?: (action: string) => Outcome | Promise<Outcome>;
}

/** Rooms "a" to "c": `go ROOM` walks there, `wait` stays, and nothing else is understood. */
export function roomsEpisode({
  paid,
  turns = 99,
  stateKey = (room) => room,
  answer,
}: Rooms = {}): Episode {
  let room = "a";
  let turn = 0;
  const step = (action: string): Outcome => {
    const [, to] = /^go ([abc])$/.exec(action) ?? [];
    const valid = to !== undefined || action === "wait" || action === paid;
    room = to ?? room;
    const reward = action === paid ? 1 : 0;
    const end = ++turn === turns ? "truncated" : null;
    return { observation: room, reward, end, valid, success: false };
  };
  return {
    task: "t",
    opening: "Begin.",
    step: answer ?? step,
    admissible: () => [],
    stateKey: () => stateKey(room),
    close() {},
  };
}
