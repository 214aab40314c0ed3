/** What the options say about protocol, reward and limits. */
import { UserError } from "../../core/errors.ts";
import { readText } from "../../core/text-file.ts";
import type { AgentFormat } from "../env.ts";
import { DOCUMENT_FORMATS } from "./documents.ts";
import type { Rules } from "./episode-rules.ts";
import { compact } from "./format-compact.ts";
import { textFormat } from "./format-text.ts";
import type { Options } from "./options.ts";
import { TurnReader } from "./protocol.ts";
import { REWARDS } from "./rewards.ts";
import { countPieces, tokenizerCount } from "./token-count.ts";

/** Everything that does not need the data. */
export function rulesOf(options: Options): {
  rules: Omit<Rules, "retriever">;
  format: AgentFormat;
} {
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
