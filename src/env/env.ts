/**
 * The contract every world keeps. A world offers tasks by stable ids, starts episodes from
 * (task, seed) alone, knows an expert, and says how an agent reads and writes (its format).
 * Methods that may wait on a server may return a promise; callers always await them.
 */

/** What one action led to. */
export interface Outcome {
  readonly observation: string;
  readonly reward: number;
  /** The task decided, a budget of turns did, or the episode goes on. */
  readonly end: "terminated" | "truncated" | null;
  /** The world carried the action out; false for anything it refused or did not understand. */
  readonly valid: boolean;
  /** The task is solved; true at most once, together with `end`. */
  readonly success: boolean;
}

/** One play of one task. Any text is a legal action; after `end` no action is. */
export interface Episode {
  readonly task: string;
  /** The first observation; it depends on the task and the seed only. */
  readonly opening: string;
  step(action: string): Outcome | Promise<Outcome>;
  /**
   * Well-formed actions that succeed now, in a stable order; the world's manual says which. After the
   * end nothing, or where the world is like that what could still be done.
   */
  admissible(): readonly string[];
  /** Identifies the state: an action repeated under one key can change nothing it did not before. */
  stateKey(): string;
  /** Named figures of an episode that is over; evaluations average each over the episodes that have it. */
  scores?(): Readonly<Record<string, number>>;
  /** What the player has seen so far, as lines for a person; absent where that is everything. */
  map?(): string;
  /**
   * Where actions are unhandy to type: what a person is told, and what a line of theirs means; absent: itself. Replayed
   * actions are sent as they are.
   */
  readonly byHand?: { readonly help: string; read(line: string): string };
  close(): void | Promise<void>;
}

/** Someone who can solve the task. */
export interface Expert {
  /** A good next action from the episode's current state, whatever was played before. */
  next(): string;
}

/** How often an expert errs on purpose, for demonstrations that also show recoveries. */
export interface Mistakes {
  /** Probability of a mistake at a turn, in [0, 1]. */
  readonly rate: number;
  readonly seed: number;
}

/** One earlier turn, as a prompt that stands alone can tell of it. */
export interface PastTurn {
  /** What the agent saw before it acted. */
  readonly observation: string;
  readonly action: string;
  /** What the agent read after it: `reply` of the format. */
  readonly reply: string;
}

/** Where an episode stands, for a prompt that stands alone. */
export interface Scene {
  /** The episode's first observation. */
  readonly opening: string;
  /** Turns taken so far, one at least. */
  readonly taken: number;
  /** The last of them, as many as the prompt may show; the oldest first. */
  readonly past: readonly PastTurn[];
  /** The observation that the agent is to act on. */
  readonly observation: string;
  /** The same as the format's reply to the last action. */
  readonly shown: string;
  /** What can be done now. */
  readonly admissible: readonly string[];
}

/** How an agent sees the world and is understood by it. Pure functions of their arguments. */
export interface AgentFormat {
  readonly name: string;
  /** Standing instructions that come before the opening; empty when the agent needs none. */
  readonly instructions: string;
  /**
   * The episode's first observation, as shown to the agent.
   * @param admissible what can be done now, for formats that show it
   */
  opening(observation: string, admissible?: readonly string[]): string;
  /** What the agent reads after its turn. */
  reply(action: string, outcome: Outcome, admissible?: readonly string[]): string;
  /** The action inside an agent's response; never throws, whatever the response is. */
  parse(response: string): string;
  /** Whether a response counts as valid, where its form decides that; absent: the world's word does. */
  wellFormed?(response: string): boolean;
  /** The response an agent that speaks this format gives to play an action; parse undoes it. */
  respond(action: string): string;
  /** The token text that ends an agent's turn. */
  readonly stop: string;
  /** Texts follow one another as they are, though the model has a chat template. */
  readonly plain?: boolean;
  /** Texts that end a turn too, wherever their tokens begin and end, and stay in it; absent: none. */
  readonly stopStrings?: readonly string[];
  /** A later turn's prompt that stands alone; absent: the opening, a list of the past turns, the reply. */
  recall?(scene: Scene): string;
}

/** A task of the data that is not played. */
export interface Skipped {
  readonly task: string;
  readonly reason: string;
}

export interface World {
  readonly name: string;
  /** Split or panel name → its tasks' stable ids; splits share no task, panels may. */
  readonly splits: Readonly<Record<string, readonly string[]>>;
  /** What the data have besides, all splits looked through; absent where a world leaves nothing out. */
  skipped?(): readonly Skipped[];
  /** What must be known of some splits before a figure on them is believed, such as a leak; by their names. */
  readonly caveats?: Readonly<Record<string, string>>;
  readonly format: AgentFormat;
  /**
   * @param task an id from `splits`, or what else the world's manual allows
   * @param maxTurns actions before the episode is truncated; no limit when absent
   * @throws UserError for an unknown task, naming the nearest
   */
  start(task: string, seed: number, maxTurns?: number): Episode | Promise<Episode>;
  /** The kind of a task, where tasks are of several; success is then reported by kind, too. */
  kindOf?(task: string): string | undefined;
  /** Named sets of kinds; an evaluation also reports the mean over the kinds of each, every kind counting the same. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** The expert for an episode that this world started; flawless without `mistakes`. */
  expert(episode: Episode, mistakes?: Mistakes): Expert;
}

/** What every world's opener takes: a data directory in place of the embedded data, and switches. */
export interface WorldOptions {
  readonly data?: string | undefined;
  readonly option?: Readonly<Record<string, string>> | undefined;
  /** An answer that takes longer is a fault to whoever plays; absent: they wait. */
  readonly timeoutMs?: number | undefined;
  /** Takes remarks for the person at the terminal, such as what was skipped in the data. */
  readonly note?: ((line: string) => void) | undefined;
}
