import { UserError } from "../../core/errors.ts";

const CORPUS = ["corpus", "corpus_limit", "corpus_sample", "corpus_ids", "corpus_titles", "index"];
const FILES = ["questions", "test_questions"];
const SERVER = ["dialect", "retriever_timeout_s"];
const WORLD = ["world_seed", "world_things", "world_names", "duplicates"];

/** The names of all options, as the manual in env.ts groups them. */
export const OPTION_NAMES: readonly string[] = [
  ...[...CORPUS, "k1", "b", "retriever", ...SERVER, "topk"],
  ...[...FILES, "train_sources", "sources", ...WORLD],
  ...["format", "chat", "template", "doc_format", "invalid", "strict_actions", "ignore_case"],
  ...["final_turn", "max_turns", "context"],
  ...["reward", "structure_format_score", "final_format_score", "retrieval_score"],
  ...["f1_yes_no_rule", "search_cost", "retrieval_bonus", "long_answer_penalty", "script_penalty"],
  ...["max_observation_tokens", "max_start_tokens", "max_context_tokens", "tokenizer"],
];

/** @throws UserError for an option that would change nothing, for want of data, or of a server, or because of them */
export function checkUse(option: Readonly<Record<string, string>>, data: string | undefined): void {
  const servers = option.retriever !== undefined;
  const useless: readonly (readonly [isSo: boolean, names: readonly string[], why: string])[] = [
    [data === undefined, [...CORPUS, ...FILES], "only with data, whose files it names or narrows"],
    [data !== undefined, WORLD, "only of the generated world, which there is without data"],
    [servers, [...CORPUS, "k1", "b"], "the retriever's servers have their own corpus"],
    [!servers, SERVER, "only with option retriever"],
  ];
  for (const [isSo, names, why] of useless) {
    const name = isSo ? names.find((one) => option[one] !== undefined) : undefined;
    if (name !== undefined) throw new UserError(`deepsearch: option ${name}: ${why}`);
  }
}
