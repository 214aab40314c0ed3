/** Opens Deep Search: reads its data and options, lists its questions, starts its episodes. */
import { invariant, UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { BatchingRetriever } from "../../retrieval/batching-retriever.ts";
import { CachedRetriever } from "../../retrieval/cached-retriever.ts";
import type { AgentFormat, Episode, Expert, Mistakes, World, WorldOptions } from "../env.ts";
import { readOptions } from "../options.ts";
import { keywords } from "./compact-words.ts";
import { type Data, openData } from "./data.ts";
import { DeepSearchEpisode } from "./env.ts";
import type { Rules } from "./episode-rules.ts";
import { deepSearchExpert } from "./expert.ts";
import { generatedData } from "./generated-data.ts";
import { lastTokens } from "./last-tokens.ts";
import { checkUse, type DeepSearchOptions, OPTIONS } from "./options.ts";
import { Recognition } from "./recognition.ts";
import { rulesOf } from "./rules.ts";
import { serverOf } from "./server-option.ts";
import type { CountTokens } from "./token-count.ts";

/** As in Search-R1's published runs. */
const DEFAULT_MAX_TURNS = 4;

/** What is in-domain in published tables; it counts where there is nothing to train on. */
const SEARCH_R1_TRAINS_ON = ["nq", "hotpotqa"];

interface Limits {
  readonly count: CountTokens;
  readonly maxStartTokens: number;
  /** Turns of an episode, the one to answer in included. */
  readonly maxTurns: number;
  /** Of those, too, who play without a limit of their own. */
  readonly limitsAll: boolean;
}

export class DeepSearch implements World {
  readonly name = "deepsearch";
  readonly format: AgentFormat;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly #data: Data;
  readonly #rules: Rules;
  readonly #limits: Limits;

  private constructor(data: Data, rules: Rules, format: AgentFormat, options: DeepSearchOptions) {
    this.#data = data;
    this.#rules = rules;
    this.format = format;
    const extra = options.finalTurn === "extra" ? 1 : 0;
    const { maxTurns, maxStartTokens } = options;
    this.#limits = {
      count: rules.count,
      maxStartTokens,
      maxTurns: (maxTurns ?? DEFAULT_MAX_TURNS) + extra,
      limitsAll: maxTurns !== undefined,
    };
    this.splits = this.#chosenSplits(options);
    this.groups = this.#groupsOf(options.trainSources);
  }

  /** @throws UserError for unreadable data or an option that is not understood */
  static async open({
    data,
    option = {},
    timeoutMs,
    note = () => {},
  }: WorldOptions = {}): Promise<DeepSearch> {
    const options = readOptions("deepsearch", OPTIONS, option);
    checkUse(option, data);
    const { rules, format } = rulesOf(options);
    const server = serverOf(options, timeoutMs);
    const opened =
      data === undefined
        ? generatedData(options)
        : await openData(data, options, server === undefined, (line) =>
            note(`deepsearch: ${line}`),
          );
    const inner = server ?? opened.retriever;
    invariant(inner, "nobody searches");
    const retriever = new BatchingRetriever(new CachedRetriever(inner));
    const recognition = server && new Recognition(opened.own);
    const onFailure = once((reason: string) =>
      note(`deepsearch: a search failed: ${reason}; further ones are counted as retriever_errors`),
    );
    const all = { ...rules, retriever, recognition, onFailure };
    return new DeepSearch(opened, all, format, options);
  }

  /** A question by its id. @throws UserError naming the nearest */
  question(task: string) {
    const question = this.#data.questions.get(task);
    if (question !== undefined) return question;
    const known = [...this.#data.questions.keys()];
    throw new UserError(
      `deepsearch: no question "${task.slice(0, 200)}" (there are ${known.length}, such as ${known[0]})`,
      didYouMean(task.slice(0, 200), known) || "`empg envs deepsearch --split test` lists them",
    );
  }

  kindOf(task: string): string | undefined {
    return this.#data.questions.get(task)?.source;
  }

  start(task: string, _seed: number, maxTurns?: number): DeepSearchEpisode {
    const question = this.question(task);
    const { count, maxStartTokens, maxTurns: most, limitsAll } = this.#limits;
    const own = limitsAll || maxTurns !== undefined ? most : Number.POSITIVE_INFINITY;
    const asked = question.question.endsWith("?") ? question.question : `${question.question}?`;
    const opening = lastTokens(asked, maxStartTokens, count);
    return new DeepSearchEpisode(this.#rules, {
      ...{ task, question, opening, prompt: this.format.opening(opening) },
      maxTurns: Math.min(maxTurns ?? own, own),
    });
  }

  expert(episode: Episode, mistakes?: Mistakes): Expert {
    invariant(episode instanceof DeepSearchEpisode, "this episode is not Deep Search's");
    const { reader } = this.#rules;
    const isCompact = this.format.name === "compact";
    const options = {
      ...{ protocol: reader.protocol, isCompact, titleOf: this.#data.titleOf },
      wholeQuery: isCompact ? keywords : (question: string) => question,
    };
    return deepSearchExpert(episode, options, mistakes);
  }

  #chosenSplits(options: DeepSearchOptions): Record<string, readonly string[]> {
    const { sources, trainSources: trained } = options;
    const known = new Set([...this.#data.questions.values()].map(({ source }) => source));
    for (const [name, list] of Object.entries({ sources, train_sources: trained })) {
      for (const source of list ?? []) {
        if (known.has(source)) continue;
        const allowed = [...known].join(", ");
        throw new UserError(
          `deepsearch: option ${name}: no questions of "${source}" (allowed: ${allowed})`,
          didYouMean(source, known) || undefined,
        );
      }
    }
    const fits = (task: string, list: readonly string[] | undefined) =>
      list === undefined || list.includes(this.kindOf(task)!);
    const splits = Object.entries(this.#data.splits).map(([name, tasks]) => {
      const own = tasks.filter((task) => fits(task, sources));
      return [name, name === "train" ? own.filter((task) => fits(task, trained)) : own] as const;
    });
    const chosen = Object.fromEntries(splits.filter(([, tasks]) => tasks.length > 0));
    const heldout = [...(chosen.validation ?? []), ...(chosen.test ?? [])];
    return heldout.length > 0 ? { ...chosen, heldout } : chosen;
  }

  /** Sources that are trained on, and the others. */
  #groupsOf(trained: readonly string[] | undefined): Record<string, readonly string[]> {
    const sourcesOf = (tasks: readonly string[]) => [
      ...new Set(tasks.map((task) => this.kindOf(task)!)),
    ];
    const all = sourcesOf(Object.values(this.splits).flat());
    const { train = [] } = this.splits;
    const inDomain = trained ?? (train.length > 0 ? sourcesOf(train) : SEARCH_R1_TRAINS_ON);
    const groups = {
      in_domain: all.filter((source) => inDomain.includes(source)),
      out_of_domain: all.filter((source) => !inDomain.includes(source)),
    };
    return Object.fromEntries(Object.entries(groups).filter(([, list]) => list.length > 0));
  }
}

function once<Value>(act: (value: Value) => void): (value: Value) => void {
  let done = false;
  return (value) => {
    if (!done) act(value);
    done = true;
  };
}
