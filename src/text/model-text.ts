import { type ChatTemplate, readChatTemplate } from "./chat-template.ts";
import { readTokenizer } from "./read-tokenizer.ts";
import { readStopIds, readTokenizerConfig } from "./token-roles.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Contents of the files of a model directory that are about text; only the first must be there. */
export interface TextFiles {
  /** tokenizer.json */
  readonly tokenizer: string;
  /** tokenizer_config.json */
  readonly tokenizerConfig?: string | undefined;
  /** generation_config.json */
  readonly generationConfig?: string | undefined;
  /** chat_template.jinja */
  readonly chatTemplate?: string | undefined;
}

/** How a model reads and writes. */
export interface ModelText {
  readonly tokenizer: Tokenizer;
  /** Absent: the model knows no turns but those its tokens make. */
  readonly template?: ChatTemplate;
}

/**
 * @param path the directory, for messages
 * @throws UserError naming file and key, for what cannot be read or does not fit together
 */
export function readModelText(files: TextFiles, path: string): ModelText {
  const configFile = `${path}/tokenizer_config.json`;
  const config = readTokenizerConfig(files.tokenizerConfig ?? "{}", configFile);
  const { eos_token: endOfTurn, pad_token: pad } = config.specialTokens;
  const stops = readStopIds(files.generationConfig ?? "{}", `${path}/generation_config.json`);
  const tokenizer = readTokenizer(files.tokenizer, `${path}/tokenizer.json`, {
    ...(endOfTurn === undefined ? {} : { endOfTurn }),
    ...(pad === undefined ? {} : { pad }),
    stops,
  });
  // As transformers does: the file, where there is one, goes before the key.
  const own = files.chatTemplate;
  const sources = own === undefined ? config.chatTemplates : new Map([["default", own]]);
  if (sources.size === 0) return { tokenizer };
  const file = own === undefined ? configFile : `${path}/chat_template.jinja`;
  return { tokenizer, template: readChatTemplate(sources, config.specialTokens, file) };
}
