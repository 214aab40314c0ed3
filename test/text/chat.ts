import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelText } from "../../src/text/model-text.ts";

const GOLDEN = join(import.meta.dir, "../golden");
const read = (path: string) => readFileSync(join(GOLDEN, path), "utf8");

/** The small byte-level tokenizer: 705 tokens. */
export const SMALL_TOKENIZER = read("tokenizer/small-bpe.json");

export const chatSource = (name: "chatml" | "reasoning") => read(`chat-template/${name}.jinja`);

/** What a model directory with that tokenizer says beside it. */
export function tokenizerConfig(template?: string): string {
  return JSON.stringify({
    eos_token: { content: "<|im_end|>", special: true },
    pad_token: "<|endoftext|>",
    ...(template === undefined ? {} : { chat_template: template }),
  });
}

/** The small tokenizer with a chat template. */
export function chatText(name: "chatml" | "reasoning") {
  const config = tokenizerConfig(chatSource(name));
  const { tokenizer, template } = readModelText(
    { tokenizer: SMALL_TOKENIZER, tokenizerConfig: config },
    name,
  );
  return { tokenizer, template: template! };
}
