/** The names of all options, as the manual in env.ts groups them. */
export const OPTION_NAMES: readonly string[] = [
  ...["corpus", "corpus_limit", "corpus_sample", "corpus_ids", "corpus_titles", "index", "k1", "b"],
  ...["retriever", "dialect", "retriever_timeout_s", "topk"],
  ...["questions", "test_questions", "train_sources", "sources", "world_seed", "world_things"],
  ...["world_names", "duplicates"],
  ...["format", "chat", "template", "doc_format", "invalid", "strict_actions", "ignore_case"],
  ...["final_turn", "max_turns", "context"],
  ...["reward", "structure_format_score", "final_format_score", "retrieval_score"],
  ...["f1_yes_no_rule", "search_cost", "retrieval_bonus", "long_answer_penalty", "script_penalty"],
  ...["max_observation_tokens", "max_start_tokens", "max_context_tokens", "tokenizer"],
];
