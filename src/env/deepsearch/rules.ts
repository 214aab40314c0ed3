/** What the options say about protocol, reward and limits. */
import { UserError } from "../../core/errors.ts";
import { readText } from "../../core/text-file.ts";
import type { AgentFormat } from "../env.ts";
import { DOCUMENT_FORMATS } from "./documents.ts";
import type { Rules } from "./episode-rules.ts";
import { compact } from "./format-compact.ts";
import { textFormat } from "./format-text.ts";
import type { DeepSearchOptions } from "./options.ts";
import { TurnReader } from "./protocol.ts";
import { REWARDS } from "./rewards.ts";
import { countPieces, tokenizerCount } from "./token-count.ts";

/** Everything that does not need the data. */
export function rulesOf(options: DeepSearchOptions): {
  rules: Omit<Rules, "retriever">;
  format: AgentFormat;
} {
  const isText = options.format === "text";
  const documents = DOCUMENT_FORMATS[options.docFormat]!;
  const { template, tokenizer } = options;
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
  const count = tokenizer === undefined ? countPieces : tokenizerCount(tokenizer);
  const reader = new TurnReader(documents.protocol, options.ignoreCase === "yes");
  const most = options.maxContextTokens;
  const stopsWhenFull = options.context === "stop";
  const format = isText
    ? textFormat({
        ...{ reader, chat: options.chat === "yes", template: template && templateOf(template) },
        slide: stopsWhenFull ? undefined : { most, count },
      })
    : compact;
  const rules = {
    ...{ documents, reader, count, stopsWhenFull, maxContextTokens: most },
    topk: options.topk ?? (isText ? documents.topk : 1),
    strict: options.strictActions === "yes",
    invalid: options.invalid,
    reward: REWARDS[options.reward]!,
    rewardOptions: {
      structureFormatScore: options.structureFormatScore,
      finalFormatScore: options.finalFormatScore,
      retrievalScore: options.retrievalScore,
      yesNoRule: options.f1YesNoRule === "yes",
    },
    shaping: options,
    maxObservationTokens: options.maxObservationTokens,
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
