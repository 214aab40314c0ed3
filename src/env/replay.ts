/** Plays given actions in a world and records what an agent would have met. */
import type { Episode, World } from "./env.ts";

interface Turn {
  readonly action: string;
  readonly observation: string;
  readonly reward: number;
  readonly done: boolean;
  readonly admissible: readonly string[];
}

/** What `empg play --json` prints; a public format. */
export interface Replay {
  readonly env: string;
  readonly task: string;
  readonly opening: { readonly observation: string; readonly admissible: readonly string[] };
  readonly transcript: readonly Turn[];
  readonly success: boolean;
  /** Sum of the rewards. */
  readonly return: number;
}

/**
 * Sends the actions exactly as they are, until they run out or the episode ends.
 * @param onOther takes the first that would mean something else typed by hand, and what it would mean
 */
export async function replay(
  world: World,
  task: string,
  actions: readonly string[],
  seed: number,
  maxTurns?: number,
  onOther: (action: string, byHand: string) => void = () => {},
): Promise<Replay> {
  const episode = await world.start(task, seed, maxTurns);
  try {
    const played = await play(world.name, episode, actions);
    const meant = (action: string) => episode.byHand?.read(action) ?? action;
    const other = played.transcript.find(({ action }) => meant(action) !== action)?.action;
    if (other !== undefined) onOther(other, meant(other));
    return played;
  } finally {
    await episode.close();
  }
}

async function play(env: string, episode: Episode, actions: readonly string[]): Promise<Replay> {
  const opening = { observation: episode.opening, admissible: episode.admissible() };
  const transcript: Turn[] = [];
  let success = false;
  let sum = 0;
  for (const action of actions) {
    const { observation, reward, end, success: solved } = await episode.step(action);
    const done = end !== null;
    transcript.push({ action, observation, reward, done, admissible: episode.admissible() });
    success ||= solved;
    sum += reward;
    if (done) break;
  }
  return { env, task: episode.task, opening, transcript, success, return: sum };
}
