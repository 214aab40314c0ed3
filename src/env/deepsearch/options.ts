import { choice, type Declared, names, number, text } from "../../core/declared.ts";
import { UserError } from "../../core/errors.ts";
import { DIALECTS } from "../../retrieval/http-retriever.ts";
import { type Chosen, type OptionTexts, optionName, yesOrNo } from "../options.ts";
import { DOCUMENT_FORMATS } from "./documents.ts";
import { DEFAULT_WORLD, FEWEST_THINGS } from "./generated/generated.ts";
import { REWARDS } from "./rewards.ts";

const CORPUS = {
  corpus: names("FILE,…", "with data: the passages; paths count from the directory"),
  corpusLimit: count("only the first so many passages"),
  corpusSample: count("so many passages at random"),
  corpusIds: text("FILE", "the passages with these ids, one a line, whatever else is taken"),
  corpusTitles: text("FILE", "the same by title"),
  index: text("DIR", "the index is opened from there where it is, else left there"),
};
const RANKING = {
  k1: number("K", "BM25: how soon further occurrences stop counting", {
    ...{ minimum: 0, fallback: 0.9 },
  }),
  b: number("B", "BM25: how much long passages are held back", {
    ...{ minimum: 0, maximum: 1, fallback: 0.4 },
  }),
};
const SERVER = {
  dialect: choice(DIALECTS, "what the servers speak", { fallback: "auto" }),
  retrieverTimeoutS: number("SECONDS", "for one request to a server", {
    ...{ exclusiveMinimum: 0, maximum: 3600, fallback: 30 },
  }),
};
const QUESTION_FILES = {
  questions: names("FILE,…", "with data: the questions to train on and to hold some of out"),
  testQuestions: names("FILE,…", "with data: the questions of split test"),
};
const SOURCES = {
  sources: names("NAME,…", "only questions of these sources or kinds"),
  trainSources: names("NAME,…", "only these in split train; they are in-domain"),
};
const WORLD = {
  worldSeed: number("N", "another seed is another generated world", {
    ...{ type: "integer", minimum: 0, fallback: DEFAULT_WORLD.seed },
  }),
  worldThings: number("N", "what training questions are about: fewer things, fewer questions", {
    ...{ type: "integer", minimum: FEWEST_THINGS, fallback: DEFAULT_WORLD.things },
  }),
  worldNames: choice(
    ["long", "short"],
    "short ones have two syllables, as the small model knows them",
    {
      fallback: DEFAULT_WORLD.shortNames ? "short" : "long",
    },
  ),
  duplicates: yesOrNo("the generated world has every passage again, in other words", "no"),
};
const PROTOCOL = {
  format: choice(
    ["compact", "text"],
    "how the agent reads and writes: compact for small word-level models, text as in Search-R1",
    { fallback: "compact" },
  ),
  chat: yesOrNo("text goes through the model's chat template, where it has one", "yes"),
  template: text("FILE", "format text: a prompt of your own, with {question} in it"),
  docFormat: choice(Object.keys(DOCUMENT_FORMATS), "format text: how passages are shown", {
    fallback: "search-r1",
  }),
  invalid: choice(
    ["notice", "empty", "block", "terminate"],
    "what follows a turn without search or answer",
    { fallback: "notice" },
  ),
  strictActions: yesOrNo("a turn holds one action and nothing else but thoughts", "no"),
  ignoreCase: yesOrNo("tags count in any case", "no"),
  topk: count("passages for a search; absent: 1 in format compact, else what the doc_format has"),
};
const LIMITS = {
  maxTurns: count("turns, the one to answer in not counted; absent: 4, by hand no limit"),
  finalTurn: choice(["extra", "none"], "one more turn to answer in, or none", {
    fallback: "extra",
  }),
  context: choice(["stop", "slide"], "a full context ends the episode, or loses its beginning", {
    fallback: "stop",
  }),
  maxObservationTokens: tokens("of one observation", 500),
  maxStartTokens: tokens("of the question", 2048),
  maxContextTokens: tokens("of the transcript", 4096),
  tokenizer: text("DIR", "a model to count tokens with; absent: words and marks"),
};
const REWARD = {
  reward: choice(Object.keys(REWARDS), "how an episode is scored", { fallback: "em" }),
  structureFormatScore: number("R", "reward search-r1-format: for the form", { fallback: 0.2 }),
  finalFormatScore: number("R", "reward search-r1-format: for an answer", { fallback: 0.1 }),
  retrievalScore: number("R", "reward search-r1-format: for passages with the answer", {
    fallback: 0,
  }),
  f1YesNoRule: yesOrNo("F1 of yes, no and noanswer is all or nothing", "yes"),
  searchCost: number("R", "subtracted for every search", { fallback: 0 }),
  retrievalBonus: number("R", "added when an accepted answer was among what was retrieved", {
    fallback: 0,
  }),
  longAnswerPenalty: number("R", "subtracted for an answer of more than ten words", {
    fallback: 0,
  }),
  scriptPenalty: number(
    "R",
    "subtracted for letters that are not Latin, where nothing asks for them",
    {
      fallback: 0,
    },
  ),
};

export const OPTIONS = {
  ...{ ...PROTOCOL, ...REWARD, ...LIMITS },
  retriever: names("ADDRESS,…", "servers that search, in place of a corpus"),
  ...{ ...SERVER, ...SOURCES, ...WORLD, ...QUESTION_FILES, ...CORPUS, ...RANKING },
};

export type DeepSearchOptions = Chosen<typeof OPTIONS>;

/** @throws UserError for an option that would change nothing, for want of data, or of a server, or because of them */
export function checkUse(option: OptionTexts, data: string | undefined): void {
  const servers = option.retriever !== undefined;
  const useless: readonly (readonly [isSo: boolean, options: object, why: string])[] = [
    [
      data === undefined,
      { ...CORPUS, ...QUESTION_FILES },
      "only with data, whose files it names or narrows",
    ],
    [data !== undefined, WORLD, "only of the generated world, which there is without data"],
    [servers, { ...CORPUS, ...RANKING }, "the retriever's servers have their own corpus"],
    [!servers, SERVER, "only with option retriever"],
  ];
  for (const [isSo, options, why] of useless) {
    const names = Object.keys(options).map(optionName);
    const name = isSo ? names.find((one) => option[one] !== undefined) : undefined;
    if (name !== undefined) throw new UserError(`deepsearch: option ${name}: ${why}`);
  }
}

function count(help: string): Declared<number | undefined> {
  return number("N", help, { type: "integer", minimum: 1 });
}

function tokens(whose: string, fallback: number): Declared<number> {
  return number("N", `tokens ${whose} at the most`, { type: "integer", minimum: 1, fallback });
}
