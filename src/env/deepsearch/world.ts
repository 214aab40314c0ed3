/** Opens Deep Search: reads its data and options, lists its questions, starts its episodes. */
import { invariant, UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { readText } from "../../core/text-file.ts";
import { BatchingRetriever } from "../../retrieval/batching-retriever.ts";
import { Bm25Retriever } from "../../retrieval/bm25-retriever.ts";
import { CachedRetriever } from "../../retrieval/cached-retriever.ts";
import { DIALECTS, HttpRetriever } from "../../retrieval/http-retriever.ts";
import { type Retriever, titleAndText } from "../../retrieval/retriever.ts";
import type { AgentFormat, Episode, Expert, Mistakes, World, WorldOptions } from "../env.ts";
import { checkOptionNames } from "../option-names.ts";
import { corpusOptions, type Data, openData } from "./data.ts";
import { DOCUMENT_FORMATS } from "./documents.ts";
import { DeepSearchEpisode, type Rules } from "./env.ts";
import { deepSearchExpert } from "./expert.ts";
import { compact } from "./format-compact.ts";
import { textFormat } from "./format-text.ts";
import { generateWorld } from "./generated/generated.ts";
import { lastTokens } from "./last-tokens.ts";
import { OPTION_NAMES } from "./option-list.ts";
import { Options } from "./options.ts";
import { TurnReader } from "./protocol.ts";
import { REWARDS } from "./rewards.ts";
import { type CountTokens, countPieces, tokenizerCount } from "./token-count.ts";

interface Limits {
  readonly count: CountTokens;
  readonly maxStartTokens: number;
  /** Turns after which the options end an episode. */
  readonly maxTurns: number;
}

export class DeepSearch implements World {
  readonly name = "deepsearch";
  readonly format: AgentFormat;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly #data: Data;
  readonly #rules: Rules;
  readonly #limits: Limits;

  private constructor(data: Data, rules: Rules, format: AgentFormat, options: Options) {
    this.#data = data;
    this.#rules = rules;
    this.format = format;
    const extra = options.choice("final_turn", ["extra", "none"]) === "extra" ? 1 : 0;
    const maxTurns = options.whole("max_turns", 1);
    this.#limits = {
      count: rules.count,
      maxStartTokens: options.whole("max_start_tokens", 1, 2048),
      maxTurns: maxTurns === undefined ? Number.POSITIVE_INFINITY : maxTurns + extra,
    };
    this.splits = this.#chosenSplits(options);
    this.groups = this.#groupsOf(options.list("train_sources"));
  }

  /** @throws UserError for unreadable data or an option that is not understood */
  static async open({
    data,
    option = {},
    note = () => {},
  }: WorldOptions = {}): Promise<DeepSearch> {
    checkOptionNames("deepsearch", option, OPTION_NAMES);
    const options = new Options(option);
    const { rules, format } = rulesOf(options);
    const server = serverOf(options);
    const opened =
      data === undefined
        ? generatedData(options)
        : await openData(data, options, server === undefined, (line) =>
            note(`deepsearch: ${line}`),
          );
    const inner = server ?? opened.retriever;
    invariant(inner, "nobody searches");
    const retriever = new BatchingRetriever(new CachedRetriever(inner));
    return new DeepSearch(opened, { ...rules, retriever }, format, options);
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

  start(task: string, _seed: number, maxTurns = Number.POSITIVE_INFINITY): DeepSearchEpisode {
    const question = this.question(task);
    const { count, maxStartTokens, maxTurns: most } = this.#limits;
    const asked = question.question.endsWith("?") ? question.question : `${question.question}?`;
    const opening = lastTokens(asked, maxStartTokens, count);
    return new DeepSearchEpisode(this.#rules, {
      ...{ task, question, opening, prompt: this.format.opening(opening) },
      maxTurns: Math.min(maxTurns, most),
    });
  }

  expert(episode: Episode, mistakes?: Mistakes): Expert {
    invariant(episode instanceof DeepSearchEpisode, "this episode is not Deep Search's");
    const { reader } = this.#rules;
    const isText = this.format.name === "text";
    const options = {
      ...{ protocol: reader.protocol, thinks: isText, lowerCase: !isText },
      titleOf: this.#data.titleOf,
    };
    return deepSearchExpert(episode, options, mistakes);
  }

  #chosenSplits(options: Options): Record<string, readonly string[]> {
    const sources = options.list("sources");
    const trained = options.list("train_sources");
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
    const inDomain = trained ?? sourcesOf(this.splits.train ?? []);
    const groups = {
      in_domain: all.filter((source) => inDomain.includes(source)),
      out_of_domain: all.filter((source) => !inDomain.includes(source)),
    };
    return Object.fromEntries(Object.entries(groups).filter(([, list]) => list.length > 0));
  }
}

/** Everything that does not need the data. */
function rulesOf(options: Options): { rules: Omit<Rules, "retriever">; format: AgentFormat } {
  const isText = options.choice("format", ["compact", "text"]) === "text";
  const documents = DOCUMENT_FORMATS[options.choice("doc_format", Object.keys(DOCUMENT_FORMATS))]!;
  const template = options.text("template");
  for (const [name, isOther] of [
    ["doc_format", documents !== DOCUMENT_FORMATS["search-r1"]],
    ["template", template !== undefined],
  ] as const) {
    if (isText || !isOther) continue;
    throw new UserError(
      `deepsearch: option ${name}: only for language models`,
      "add --option format=text",
    );
  }
  const tokenizer = options.text("tokenizer");
  const count = tokenizer === undefined ? countPieces : tokenizerCount(tokenizer);
  const reader = new TurnReader(documents.protocol, options.yes("ignore_case", false));
  const most = options.whole("max_context_tokens", 1, 4096);
  const stopsWhenFull = options.choice("context", ["stop", "slide"]) === "stop";
  const format = isText
    ? textFormat({
        ...{ reader, chat: options.yes("chat", true), template: template && templateOf(template) },
        slide: stopsWhenFull ? undefined : { most, count },
      })
    : compact;
  const rules = {
    ...{ documents, reader, count, stopsWhenFull, maxContextTokens: most },
    topk: options.whole("topk", 1, documents.topk),
    strict: options.yes("strict_actions", false),
    invalid: options.choice("invalid", ["notice", "empty", "block", "terminate"]),
    reward: REWARDS[options.choice("reward", Object.keys(REWARDS))]!,
    rewardOptions: {
      structureFormatScore: options.number("structure_format_score", 0.2),
      finalFormatScore: options.number("final_format_score", 0.1),
      retrievalScore: options.number("retrieval_score", 0),
      yesNoRule: options.yes("f1_yes_no_rule", true),
    },
    shaping: {
      searchCost: options.number("search_cost", 0),
      retrievalBonus: options.number("retrieval_bonus", 0),
      longAnswerPenalty: options.number("long_answer_penalty", 0),
      scriptPenalty: options.number("script_penalty", 0),
    },
    maxObservationTokens: options.whole("max_observation_tokens", 1, 500),
  };
  return { rules, format };
}

function templateOf(path: string): string {
  const text = readText(path);
  if (text.includes("{question}")) return text;
  throw new UserError(
    `${path}: a template must say where the question stands`,
    "write {question} there",
  );
}

function serverOf(options: Options): Retriever | undefined {
  const dialect = options.choice("dialect", DIALECTS);
  const timeoutMs = 1000 * options.number("retriever_timeout_s", 30, 0);
  const urls = options.list("retriever")?.map((address) => {
    const url = URL.parse(address);
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw new UserError(
        `deepsearch: option retriever: expected an address such as http://127.0.0.1:8000/retrieve, found "${address}"`,
      );
    }
    if (url.pathname === "/") url.pathname = "/retrieve";
    return url.href;
  });
  return urls && new HttpRetriever(urls, { dialect, timeoutMs });
}

function generatedData(options: Options): Data {
  const { passages, ...rest } = generateWorld({
    seed: options.whole("world_seed", 0, 0),
    duplicates: options.yes("duplicates", false),
  });
  const { ranking } = corpusOptions(".", options);
  const titles = new Map(passages.map(({ id, contents }) => [id, titleAndText(contents).title]));
  let built: Bm25Retriever | undefined;
  return {
    ...rest,
    titleOf: (passage) => titles.get(passage),
    retriever: {
      // Whoever only lists the tasks need not wait for an index.
      search(queries, k) {
        built ??= Bm25Retriever.of(passages, ranking);
        return built.search(queries, k);
      },
    },
  };
}
