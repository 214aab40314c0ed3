import { describe, expect, test } from "bun:test";
import { readModelText } from "../../src/text/model-text.ts";
import { SMALL_TOKENIZER, tokenizerConfig } from "./chat.ts";

const CHAT = [{ role: "user", content: "a" }];
const open = (config: object | undefined, more: object = {}) =>
  readModelText(
    {
      tokenizer: SMALL_TOKENIZER,
      tokenizerConfig: config && JSON.stringify(config),
      ...more,
    },
    "dir",
  );

describe("tokens with a role", () => {
  test("as text, as an object of an added token, or null", () => {
    const added = { content: "<|im_end|>", lstrip: false, special: true };
    const { tokenizer } = open({ eos_token: added, pad_token: "<|endoftext|>", bos_token: null });
    expect([tokenizer.endOfTurn, tokenizer.pad]).toEqual([702, 700]);
    expect([...tokenizer.stops]).toEqual([702]);
  });

  test("generation_config.json adds one id or several", () => {
    const stops = (eos: unknown, config?: object) => {
      const generationConfig = JSON.stringify({ eos_token_id: eos });
      const { tokenizer } = open(config, { generationConfig });
      return [tokenizer.endOfTurn, ...tokenizer.stops];
    };
    const config = { eos_token: "<|im_end|>" };
    expect(stops([702, 700], config)).toEqual([702, 702, 700]);
    expect(stops(700, config)).toEqual([702, 702, 700]);
    expect(stops(null, config)).toEqual([702, 702]);
    expect(stops([700, 702])).toEqual([700, 700, 702]);
  });

  test("mistakes name file and key", () => {
    expect(() => open({ eos_token: 3 })).toThrow("dir/tokenizer_config.json: eos_token: found 3");
    expect(() => open({ eos_token: "</s>" })).toThrow('dir/tokenizer.json: no token "</s>"');
    expect(() => open(undefined)).toThrow("dir/tokenizer.json: nothing says which token ends");
    const config = { tokenizerConfig: "{" };
    expect(() => open(undefined, config)).toThrow("dir/tokenizer_config.json:1: not JSON");
    const generation = { generationConfig: '{"eos_token_id": "x"}' };
    expect(() => open(undefined, generation)).toThrow("dir/generation_config.json: eos_token_id");
  });
});

describe("the chat template", () => {
  const eos = { eos_token: "<|im_end|>" };

  test("is a text, a list of named ones, or a file that goes before both", () => {
    const named = [
      { name: "tool_use", template: "tools" },
      { name: "default", template: "default {{ messages | length }}" },
    ];
    expect(open({ ...eos, chat_template: "one {{ eos_token }}" }).template?.(CHAT)).toBe(
      "one <|im_end|>",
    );
    const both = open({ ...eos, chat_template: named }).template!;
    expect([both(CHAT), both(CHAT, { tools: [{}] })]).toEqual(["default 1", "tools"]);
    const chatTemplate = "file {{ eos_token }}";
    expect(open({ ...eos, chat_template: named }, { chatTemplate }).template?.(CHAT)).toBe(
      "file <|im_end|>",
    );
    expect(open(eos).template).toBeUndefined();
  });

  test("what it throws names its file", () => {
    const source = "{{ raise_exception('roles must alternate') }}";
    const { template } = open({ ...eos, chat_template: source });
    expect(() => template?.(CHAT)).toThrow(
      "dir/tokenizer_config.json: the chat template refuses the conversation: roles must alternate",
    );
    expect(() => open(eos, { chatTemplate: "{% for %}" })).toThrow(
      "dir/chat_template.jinja: chat template: ",
    );
  });
});

test("the configuration that the tests write is read", () => {
  const { tokenizer, template } = open(JSON.parse(tokenizerConfig("{{ eos_token }}")));
  expect([tokenizer.endOfTurn, template?.(CHAT)]).toEqual([702, "<|im_end|>"]);
});
