import { hostSource } from "../../src/model/tensor-source.ts";
import { chatSource, SMALL_TOKENIZER, tokenizerConfig } from "../text/chat.ts";
import { decoderConfig, decoderWeights } from "./decoder.ts";

/** A random model that reads chats; its table has rows that no token needs. */
export function chatModel(vocabulary = 720) {
  const config = decoderConfig({ vocabulary, maxPositions: 256 });
  return {
    ...{ path: "chat", config, weights: hostSource(decoderWeights(config)) },
    tokenizer: SMALL_TOKENIZER,
    tokenizerConfig: tokenizerConfig(),
    chatTemplate: chatSource("reasoning"),
  };
}
