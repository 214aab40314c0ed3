import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ChatMessage, readChatTemplate } from "../../src/text/chat-template.ts";
import { readTokenizer } from "../../src/text/read-tokenizer.ts";

const GOLDEN = join(import.meta.dir, "../golden");
const read = (path: string) => readFileSync(join(GOLDEN, path), "utf8");

interface Case {
  readonly template: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly unknown[];
  readonly add_generation_prompt?: boolean;
  readonly text?: string;
  readonly ids?: readonly number[];
  readonly error?: string;
}
const cases: Case[] = JSON.parse(read("chat-template/vectors.json"));
const tokenizer = readTokenizer(read("tokenizer/small-bpe.json"), "small-bpe.json", {
  endOfTurn: "<|im_end|>",
});

function template(source: string) {
  const tokens = { eos_token: "<|im_end|>", pad_token: "<|endoftext|>" };
  return readChatTemplate(new Map([["default", source]]), tokens, "dir/chat_template.jinja");
}

describe("texts and ids are those of transformers", () => {
  test.each(cases.map((c, i) => [i, c.template, c] as const))("case %d, %s", (_, name, c) => {
    const { messages, tools, add_generation_prompt: addGenerationPrompt = false } = c;
    const render = () =>
      template(read(`chat-template/${name}.jinja`))(messages, { tools, addGenerationPrompt });
    if (c.error !== undefined) {
      expect(render).toThrow(
        `dir/chat_template.jinja: the chat template refuses the conversation: ${c.error}`,
      );
      return;
    }
    const text = render();
    expect(text).toBe(c.text!);
    expect(tokenizer.encodeMarkup(text)).toEqual([...c.ids!]);
  });
});

test("a syntax error names the file and what the template's reader says", () => {
  expect(() => template("{% if x %}")).toThrow(/^dir\/chat_template.jinja: chat template: .+/);
  expect(() => template("{{ 1 + }}")).toThrow(/^dir\/chat_template.jinja: chat template: .+/);
});

test.each([
  ["{% for i in [1, 2] %}{{ i }}{% if i == 1 %}{% break %}{% endif %}{% endfor %}", true],
  ["{% for i in [1, 2] %}x{% if i == 1 %}{% continue %}{% endif %}{% endfor %}", true],
  ["{% for i in [1] %}{% if i %}x{% else %}y{% endif %}{% break %}{% endfor %}", true],
  ["{% set a %}{% for i in [1] %}{{ i }}{% break %}{% endfor %}{% endset %}", true],
  ["x{% for i in [1] %}{# c #}{% set a = 1 %}{% break %}{{ i }}{% endfor %}", false],
  ["{% for i in [1] %}{% if i %}{% continue %}{% else %}x{% endif %}{% endfor %}", false],
  ["{% for i in [1] %}{% macro m() %}x{% endmacro %}{% break %}{% endfor %}{{ 1 }}", false],
])("a loop that is left after it wrote something is refused: %s", (source, refused) => {
  if (!refused) expect(template(source)([])).toBeString();
  else expect(() => template(source)).toThrow("it leaves a loop after it wrote something");
});

test("tools take the template of their own, where there is one", () => {
  const sources = new Map([
    ["default", "plain"],
    ["tool_use", "{{ tools | length }} tools"],
  ]);
  const render = readChatTemplate(sources, {}, "f");
  expect(render([])).toBe("plain");
  expect(render([], { tools: [{}, {}] })).toBe("2 tools");
  const unnamed = new Map([["rag", "x"]]);
  expect(() => readChatTemplate(unnamed, {}, "f")).toThrow(
    'f: chat_template: found rag, but none is called "default"',
  );
});
