/**
 * ALFWorld: a household in text; find things, clean, heat or cool them, put them where they belong.
 *
 * Task         A household and one of six goals: Pick, Look, Clean, Heat, Cool, Pick2 (put a thing
 *              somewhere, look at it under a lamp, put it there cleaned, hot or cool, put two of a kind
 *              in one place). Without `data` a generated household `<room>-<scene>/<kind>/<number>`, such
 *              as "kitchen-17/heat/3"; splits train, validation, test share no scene, heldout is the last
 *              two. With `data` a real game `<split>/<task-folder>/<trial>` in the release's own splits;
 *              the path of a game folder is a task too.
 * Actions      look · inventory · help · go to R · open R · close R · take O from R · move O to R ·
 *              examine R or O · use O · heat|clean|cool O with R · slice O with O. White space around
 *              is ignored; capitals and everything else count.
 * Observation  The original's text to the character. `Nothing happens.` for what cannot be done.
 * Reward       When the goal holds, 1 (option reward=10: 10, as verl-agent has it); else 0.
 * End          The goal terminates; `maxTurns` truncates (published results use 50).
 * Arguments    `data`: a directory in the official layout (game.tw-pddl, or initial_state.pddl with
 *              traj_data.json), a .tar.gz archive of one, or a directory of such archives.
 *              Options: options.ts; `empg envs alfworld` lists them.
 * Admissible   All commands that can be carried out, `help`, `look` and `inventory` among them, sorted
 *              as plain strings. The list of the final state stays, as in the original.
 *
 * Quirks of the original that are kept, each with a test of its name
 *   Only what is held can be examined. · Nobody goes where they are, nor to another receptacle there. ·
 *   `look` lists an object "next to it" only when it was carried between receptacles of one location. ·
 *   Before the first `go to`, `look` sees nothing. · `use` always turns on. · A movable container is
 *   always "normal". · Appliances work while closed. · An object in a closed receptacle can be sliced.
 *
 * Differences from the original
 * 1. In format compact an action is invalid when the game answers `Nothing happens.`; in format text, as in
 *    verl-agent's wrapper, a response is invalid by its form: without its tags, or with ideographs.
 * 2. The original's planner and grammar are interpreters; here the rules are code. A domain or grammar
 *    that says something else is refused by name.
 * 3. After the end no action is taken; there the last answer is repeated.
 * 4. Games are served in the order that the run's seed gives; NumPy's shuffle is not reproduced.
 */
import { invariant } from "../../core/errors.ts";
import type { Episode, Outcome } from "../env.ts";
import { strip } from "../strip.ts";
import { apply } from "./apply.ts";
import { include, includes } from "./bits.ts";
import type { Command } from "./commands.ts";
import type { Game } from "./game.ts";
import { isFulfilled } from "./goal.ts";
import { mapOf } from "./map.ts";

/** What an episode starts from. */
export interface Start {
  readonly task: string;
  readonly game: Game;
  /** The sentence that says what to do. */
  readonly sentence: string;
  readonly reward: number;
  readonly maxTurns: number;
}

const REFUSAL = "Nothing happens.";

export class AlfworldEpisode implements Episode {
  readonly task: string;
  readonly opening: string;
  readonly game: Game;
  /** The state's words, as house.ts lays them out. */
  readonly state: Uint32Array;
  /** The set of receptacles whose contents have been shown. */
  readonly seen: Uint32Array;
  readonly #reward: number;
  readonly #maxTurns: number;
  #commands: readonly Command[] | undefined;
  #texts: readonly string[] | undefined;
  #turns = 0;
  #ended = false;

  constructor({ task, game, sentence, reward, maxTurns }: Start) {
    this.task = task;
    this.game = game;
    this.opening = game.opening(sentence);
    this.state = game.house.initial.slice();
    this.seen = new Uint32Array(Math.ceil(game.house.receptacles.length / 32));
    this.#reward = reward;
    this.#maxTurns = maxTurns;
  }

  /** The commands that can be carried out now. */
  get commands(): readonly Command[] {
    this.#commands ??= this.game.commands.in(this.state);
    return this.#commands;
  }

  step(action: string): Outcome {
    invariant(!this.#ended, `alfworld: "${this.task}" has ended, no further action is possible`);
    const command = this.#understand(action);
    const observation = command === undefined ? REFUSAL : this.#carryOut(command);
    const success = isFulfilled(this.game.goal, this.state);
    this.#turns++;
    const end = success ? "terminated" : this.#turns >= this.#maxTurns ? "truncated" : null;
    this.#ended = end !== null;
    const valid = command !== undefined;
    return { observation, reward: success ? this.#reward : 0, end, valid, success };
  }

  admissible(): readonly string[] {
    this.#texts ??= this.commands.map(({ text }) => text);
    return this.#texts;
  }

  /** What differs from the start. */
  stateKey(): string {
    const { initial } = this.game.house;
    let key = "";
    for (let i = 0; i < initial.length; i++) {
      if (this.state[i] !== initial[i]) key += `${i.toString(36)}:${this.state[i]!.toString(36)} `;
    }
    return key;
  }

  /** What has been seen, for a person. */
  map(): string {
    return mapOf(this.game.house, this.state, this.seen);
  }

  close(): void {
    this.#ended = true;
  }

  #understand(action: string): Command | undefined {
    const place = this.admissible().indexOf(strip(action));
    return place < 0 ? undefined : this.commands[place];
  }

  #carryOut(command: Command): string {
    const { house, speech } = this.game;
    if (apply(house, this.state, command)) {
      this.#commands = undefined;
      this.#texts = undefined;
    }
    const r = command.other;
    const shows = ["GotoLocation", "OpenObject", "examineReceptacle"].includes(command.action);
    if (shows && (!house.openable[r] || includes(this.state, house.openedAt, r))) {
      include(this.seen, 0, r);
    }
    return speech.answer({ house, state: this.state }, command);
  }
}
