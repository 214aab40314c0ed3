/**
 * Deep Search: one question, several searches, one short answer.
 *
 * Task         A question. Without `data` of a generated world: `<split>/<kind>/<number>`, such as
 *              "test/2hop/7"; kinds 1hop to 4hop, comparison, intersection; splits train, validation, test share
 *              no entity. With `data` the id of a question of its files; kinds are the sets they come from.
 * Actions      A turn in tags: <think>…</think> is free, <search>…</search> asks for passages, <answer>…</answer>
 *              ends the episode. The first whole search or answer counts; what stands after the first closed
 *              search (without one, after the first closed answer) is not part of the turn.
 * Observation  Opening: the question. After a search the passages between <information> tags; tags inside
 *              them are none. After anything else that is not an answer, a notice. Nothing after the end.
 * Reward       At the end only, by option `reward`; success is an exact match.
 * End          An answer terminates, with `invalid=terminate` an invalid turn, too. The last of all
 *              turns is for an answer, a search in it is not carried out. A transcript of `max_context_tokens`
 *              is truncated.
 * Arguments    `data`: a directory with questions and a corpus; data.ts says under which names.
 *              Options: options.ts; `empg envs deepsearch` lists them.
 * Admissible   Searches for the question and for the titles shown so far, in this order.
 *
 * Elsewhere    The penalty for invalid turns is `env.invalid_action_penalty`, tokens per turn
 *              `rollout.max_tokens_per_turn` (Search-R1: 500), verl-agent's memory `rollout.history` (4). `env.max_turns`
 *              may end an episode before `max_turns` does. A server is asked up to ten times, with 45 s of
 *              pauses between, but for no longer than 0.9 of `env.timeout_ms` (by hand without that limit): then
 *              the search has failed.
 *
 * Differences from Search-R1
 * 1. An empty query or answer is invalid. An information tag in a turn is flagged and fails every rule of form.
 * 2. The answer is that of the last turn; prompt and passages are never searched for one.
 * 3. Long observations lose the ends of passages, never their closing tag.
 * 4. A context that is full ends the episode; with `context=slide` and `rollout.history` prompts are cut on
 *    the left, as there.
 * 5. Passages of a server are known by their contents or titles: `supporting_recall` is told of questions that came
 *    with their paragraphs (and in the generated world), not where questions only name ids of a corpus.
 * 6. No hits, and a retriever that fails, are told in words inside the block.
 */
import { invariant } from "../../core/errors.ts";
import { type FoundPassage, RetrieverError, titleAndText } from "../../retrieval/retriever.ts";
import type { Episode, Outcome } from "../env.ts";
import { observe } from "./documents.ts";
import {
  FAILED,
  NO_HITS,
  type Rules,
  type Segment,
  type Start,
  type Termination,
} from "./episode-rules.ts";
import { scoresOf, type TurnInfo } from "./episode-scores.ts";
import type { Question } from "./question.ts";
import type { Ended } from "./rewards.ts";
import { exactMatch } from "./scoring.ts";
import { shapingOf } from "./shaping.ts";

export class DeepSearchEpisode implements Episode {
  readonly task: string;
  readonly opening: string;
  readonly question: Question;
  readonly transcript: Segment[] = [];
  readonly turns: TurnInfo[] = [];
  /** Ids of the passages that were shown, with their titles. */
  readonly shown = new Map<string, string>();
  termination: Termination | undefined;
  answer: string | undefined;
  readonly #rules: Rules;
  readonly #maxTurns: number;
  readonly #queries = new Set<string>();
  #contextTokens = 0;
  #closed = false;

  constructor(rules: Rules, { task, question, opening, prompt, maxTurns }: Start) {
    this.#rules = rules;
    this.task = task;
    this.question = question;
    this.opening = opening;
    this.#maxTurns = maxTurns;
    this.#append("prompt", prompt);
  }

  readonly byHand = {
    help: "search WORDS finds passages, answer WORDS ends the episode; turns in tags are understood, too",
    read: (line: string): string => {
      const [, verb, words = ""] = /^\s*(search|answer)\s+(.*)$/is.exec(line) ?? [];
      if (verb === undefined) return line;
      const [open, close] =
        this.#rules.reader.protocol[verb.toLowerCase() === "search" ? "search" : "answer"];
      return `${open}${words}${close}`;
    },
  };

  /** What is left of the turns; the last is for an answer. */
  get turnsLeft(): number {
    return this.#maxTurns - this.turns.length;
  }

  /** The last turn. */
  get info(): TurnInfo | undefined {
    return this.turns.at(-1);
  }

  step(action: string): Outcome | Promise<Outcome> {
    invariant(
      !this.#closed && this.termination === undefined,
      `deepsearch: "${this.task}" has ended, no further action is possible`,
    );
    const { reader, strict } = this.#rules;
    const turn = reader.cut(action);
    const meant = reader.action(turn);
    const valid = meant.type !== "invalid" && !(strict && !reader.isStrict(action));
    const common = {
      valid,
      forged: reader.forges(turn),
      responseTokens: this.#append("model", turn),
    };
    const isLast = this.turnsLeft === 1;
    if (meant.type === "answer") {
      this.answer = meant.answer;
      return this.#end("answer", { ...common, ...meant });
    }
    if (meant.type === "search" && !isLast) return this.#search(meant.query, common);
    if (isLast) {
      const { search, answer } = reader.protocol;
      const cutOff =
        meant.type === "invalid" && (turn.includes(search[0]) || turn.includes(answer[0]));
      return this.#end(cutOff ? "generation_truncated" : "max_turns", { ...common, ...meant });
    }
    if (this.#rules.invalid === "terminate") return this.#end("invalid", { ...common, ...meant });
    return this.#goOn(this.#notice(), { ...common, ...meant });
  }

  admissible(): readonly string[] {
    if (this.termination !== undefined || this.#closed) return [];
    const [open, close] = this.#rules.reader.protocol.search;
    const queries = new Set([this.opening, ...this.shown.values()]);
    return [...queries].filter((query) => query !== "").map((query) => open + query + close);
  }

  /** The passages that were shown: the same search finds the same again. */
  stateKey(): string {
    return [...this.shown.keys()].join(" ");
  }

  /** Named figures, once it is over. */
  scores(): Readonly<Record<string, number>> {
    const { recognition } = this.#rules;
    const isKnown = recognition?.knows(this.question) ?? true;
    const supporting = isKnown ? this.question.supporting : [];
    return scoresOf(this.#ended(), this.turns, supporting, this.shown);
  }

  close(): void {
    this.#closed = true;
  }

  async #search(query: string, common: Common): Promise<Outcome> {
    const { retriever, topk, documents, recognition } = this.#rules;
    const { count, maxObservationTokens: most } = this.#rules;
    const repeated = this.#queries.has(query);
    this.#queries.add(query);
    const searched = { ...common, type: "search" as const, query, repeated };
    let found: readonly FoundPassage[];
    try {
      found = (await retriever.search([query], topk))[0] ?? [];
    } catch (error) {
      if (!(error instanceof RetrieverError)) throw error;
      this.#rules.onFailure?.(error.message);
      const failed = { ...searched, retrieverError: error.message };
      return this.#goOn(documents.block([], FAILED), failed);
    }
    const pages = found.map(({ contents, url }) => ({ ...titleAndText(contents), url }));
    const shown = observe(documents, pages, { count, most });
    const ids = found
      .slice(0, shown.documents)
      .map((passage) => recognition?.idOf(passage, this.question) ?? passage.id);
    ids.forEach((id, i) => {
      this.shown.set(id, pages[i]!.title);
    });
    const observation = found.length === 0 ? documents.block([], NO_HITS) : shown.observation;
    return this.#goOn(observation, {
      ...searched,
      documents: ids,
      scores: found.slice(0, shown.documents).map(({ score }) => score),
      observationTruncated: shown.truncated,
      ...(ids.length === 0 ? {} : { information: observation }),
    });
  }

  #goOn(observation: string, info: Omit<TurnInfo, "observationTokens">): Outcome {
    this.turns.push({ ...info, observationTokens: this.#append("env", observation) });
    const { stopsWhenFull, maxContextTokens } = this.#rules;
    const isFull = stopsWhenFull && this.#contextTokens >= maxContextTokens;
    const reward = isFull ? this.#finish("context_full") : 0;
    const end = isFull ? "truncated" : null;
    return { observation, reward, end, valid: info.valid, success: false };
  }

  #end(termination: Termination, info: Omit<TurnInfo, "observationTokens">): Outcome {
    this.turns.push({ ...info, observationTokens: 0 });
    const reward = this.#finish(termination);
    const { answer } = this;
    const success = answer !== undefined && exactMatch(answer, this.question.accepted) === 1;
    const decided = termination === "answer" || termination === "invalid";
    const end = decided ? "terminated" : "truncated";
    return { observation: "", reward, end, valid: info.valid, success };
  }

  #finish(termination: Termination): number {
    this.termination = termination;
    const { reward, rewardOptions, shaping } = this.#rules;
    const ended = this.#ended();
    return reward(ended, rewardOptions) + shapingOf(ended, this.question.question, shaping);
  }

  #ended(): Ended {
    const written = this.transcript.filter(({ role }) => role !== "prompt");
    return {
      accepted: this.question.accepted,
      answer: this.answer,
      response: written.map(({ text }) => text).join(""),
      turns: written.filter(({ role }) => role === "model").map(({ text }) => text),
      information: this.turns.flatMap(({ information }) => information ?? []),
      searches: this.turns.filter(({ repeated }) => repeated !== undefined).length,
      allValid: this.turns.every(({ valid }) => valid),
      forged: this.turns.some(({ forged }) => forged),
      contextFull: this.termination === "context_full",
      protocol: this.#rules.reader.protocol,
    };
  }

  /** Adds to the transcript. @returns its tokens */
  #append(role: Segment["role"], text: string): number {
    const tokens = this.#rules.count(text);
    this.#contextTokens += tokens;
    if (text !== "")
      this.transcript.push({ role, text, turn: role === "prompt" ? -1 : this.turns.length });
    return tokens;
  }

  #notice(): string {
    const { invalid, documents, reader } = this.#rules;
    if (invalid === "empty") return "";
    if (invalid === "block") return documents.block([]);
    const { search, answer } = reader.protocol;
    return (
      `\nThat was neither a search nor an answer. I write a query between ${search[0]} and ${search[1]} to search, ` +
      `or the answer between ${answer[0]} and ${answer[1]} to finish. I try again.\n`
    );
  }
}

type Common = Pick<TurnInfo, "valid" | "forged" | "responseTokens">;
