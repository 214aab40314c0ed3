/** A game ready to play: the house, what can be commanded in it, what it answers, and what is to be done. */
import { UserError } from "../../core/errors.ts";
import { Commands, type PutWords, putWords } from "./commands.ts";
import { type Rules, readDomain, STOCK_RULES } from "./domain.ts";
import { compileGoal, type Goal } from "./goal.ts";
import { readGrammar } from "./grammar.ts";
import { buildHouse, type House } from "./house.ts";
import { numberEntities } from "./numbering.ts";
import { type Problem, readProblem } from "./problem.ts";
import { type Quest, questOf } from "./quest.ts";
import { Speech } from "./speech.ts";
import { STOCK_GRAMMAR } from "./stock-grammar.ts";

export interface Game {
  readonly house: House;
  readonly commands: Commands;
  readonly speech: Speech;
  readonly goal: Goal;
  /** "Your task is to: ….", and the first observation, which ends in such a sentence. */
  readonly task: string;
  opening(task: string): string;
  readonly quest: Quest | undefined;
}

/** What the games of one release share. */
interface Release {
  readonly speech: Speech;
  readonly put: PutWords;
}

const TASK = /"Your task is to: (?:[^"\\]|\\.)*"/;
const NO_TASK = '"Your task is to: "';

/** Makes games; domains and grammars that many of them share are read once. */
export class GameMaker {
  readonly #domains = new Map<string, Rules>();
  readonly #releases = new Map<string, Release>();
  #stock: Release | undefined;

  /**
   * The game of a `game.tw-pddl`.
   * @param where its path, for messages
   * @throws UserError naming the part, line and token that do not fit
   */
  fromParts(parts: GameFile, where: string): Game {
    const rules = cached(this.#domains, parts.pddl_domain, (domain) =>
      readDomain(domain, `${where}: pddl_domain`),
    );
    const task = TASK.exec(parts.grammar)?.[0];
    if (task === undefined) throw new UserError(`${where}: grammar: no rule says the task`);
    const release = cached(this.#releases, parts.grammar.replace(TASK, NO_TASK), (grammar) => {
      const read = readGrammar(grammar, `${where}: grammar`);
      const speech = new Speech(read, `${where}: grammar`);
      return { speech, put: putWords(read, `${where}: grammar`) };
    });
    const problem = readProblem(parts.pddl_problem, `${where}: pddl_problem`);
    return assemble(problem, rules, release, readTask(task, where));
  }

  /** The game of a problem alone, in the stock words. @param description without its full stop */
  fromProblem(problem: Problem, description: string): Game {
    this.#stock ??= {
      speech: new Speech(STOCK_GRAMMAR, "stock grammar"),
      put: putWords(STOCK_GRAMMAR, "stock grammar"),
    };
    return assemble(problem, STOCK_RULES, this.#stock, `Your task is to: ${description}.`);
  }
}

function assemble(problem: Problem, rules: Rules, { speech, put }: Release, task: string): Game {
  const numbering = numberEntities(problem);
  const house = buildHouse(problem, numbering, rules);
  const commands = new Commands(house, put);
  const goal = compileGoal(problem, house, numbering);
  const view = { house, state: house.initial };
  const opening = (sentence: string) => speech.opening(view, sentence);
  return { house, commands, speech, goal, quest: questOf(problem), task, opening };
}

function readTask(literal: string, where: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new UserError(
      `${where}: grammar: the task is not a JSON string: ${literal.slice(0, 60)}`,
    );
  }
}

export interface GameFile {
  readonly pddl_domain: string;
  readonly grammar: string;
  readonly pddl_problem: string;
  readonly solvable?: unknown;
}

/** The parts of a game file. @throws UserError naming the key that is missing or no text */
export function readGameFile(text: string, where: string): GameFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replace(/^JSON Parse error: /, "");
    throw new UserError(`${where}: not JSON: ${reason}`);
  }
  const parts = (value ?? {}) as Record<string, unknown>;
  for (const key of ["pddl_domain", "grammar", "pddl_problem"]) {
    if (typeof parts[key] === "string") continue;
    const found = parts[key] === undefined ? "nothing" : JSON.stringify(parts[key]).slice(0, 40);
    throw new UserError(`${where}: ${key}: expected a text, found ${found}`);
  }
  return parts as unknown as GameFile;
}

function cached<V>(known: Map<string, V>, key: string, make: (key: string) => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make(key);
    known.set(key, value);
  }
  return value;
}
