import { invariant } from "../core/errors.ts";

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly unk_token?: string | null;
  };
}

/**
 * The least tokenizer_config.json with which transformers loads a tokenizer.json as a
 * PreTrainedTokenizerFast that ends and pads sequences as this model does.
 * @param tokenizer the text of a tokenizer.json that a reader has accepted
 */
export function minimalTokenizerConfig(
  tokenizer: string,
  tokens: { readonly eos: number; readonly pad: number },
  maxPositions: number,
): string {
  const { added_tokens: added = [], model } = JSON.parse(tokenizer) as TokenizerJson;
  const texts = new Map(Object.entries(model.vocab).map(([text, id]) => [id, text]));
  for (const { id, content } of added) texts.set(id, content);
  const textOf = (id: number) => {
    const text = texts.get(id);
    invariant(text !== undefined, `tokenizer.json has no token ${id}`);
    return text;
  };
  const json = {
    tokenizer_class: "PreTrainedTokenizerFast",
    model_max_length: maxPositions,
    eos_token: textOf(tokens.eos),
    pad_token: textOf(tokens.pad),
    ...(model.unk_token == null ? {} : { unk_token: model.unk_token }),
    clean_up_tokenization_spaces: false,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
