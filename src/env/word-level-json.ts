/**
 * A vocabulary of words as a Hugging Face tokenizer.json, for the formats that small models speak. Words
 * are what stands between spaces; a newline and a comma are words of their own.
 */

/** The first tokens of every vocabulary. */
export const SPECIAL: readonly string[] = ["<pad>", "<unk>"];

const WORD = "[^ ,\\n\\r\\t]+|,|\\n";

/** The text of the file; `vocabulary` holds the tokens by id, the special ones first. */
export function wordLevelJson(vocabulary: readonly string[]): string {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const content = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((token, id) => ({ id, content: token, ...flags, special: true })),
    normalizer: null,
    pre_tokenizer: {
      ...{ type: "Split", pattern: { Regex: WORD }, behavior: "Removed", invert: true },
    },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      unk_token: "<unk>",
    },
  };
  return `${JSON.stringify(content, null, 1)}\n`;
}
