import { describe, expect, test } from "bun:test";
import { answersOf } from "../../src/text/answers.ts";
import { chatText } from "./chat.ts";

const chatml = chatText("chatml");
const { tokenizer, template } = chatml;
const texts = (answers: ReturnType<typeof answersOf>) =>
  answers.map(({ context, prompt_tokens, tokens }) => [
    context,
    tokenizer.decode(prompt_tokens),
    tokenizer.decode(tokens),
  ]);

test("the answers and what stands between them are the whole text's tokens", () => {
  const messages = [
    { role: "user", content: "Goal: stick" },
    { role: "assistant", content: "get 2 bamboo" },
    { role: "user", content: "Got 2 bamboo" },
    { role: "assistant", content: "craft 1 stick" },
  ];
  const answers = answersOf(messages, tokenizer, template);
  expect(texts(answers).map(([context, , said]) => [context, said])).toEqual([
    ["append", "get 2 bamboo<|im_end|>"],
    ["append", "craft 1 stick<|im_end|>"],
  ]);
  const ids = answers.flatMap(({ prompt_tokens, tokens }) => [...prompt_tokens, ...tokens]);
  expect([...ids, ...tokenizer.encode("\n")]).toEqual(tokenizer.encodeMarkup(template(messages)));
});

test("a turn whose reasoning is stripped later on begins a context of its own there", () => {
  const reasoning = chatText("reasoning");
  const messages = [
    { role: "user", content: "a" },
    { role: "assistant", content: "<think>x</think>b" },
    { role: "user", content: "c" },
    { role: "assistant", content: "<think>y</think>d" },
  ];
  const turn = (role: string, said: string) => `<|im_start|>${role}\n${said}<|im_end|>\n`;
  expect(texts(answersOf(messages, tokenizer, reasoning.template))).toEqual([
    ["append", `${turn("user", "a")}<|im_start|>assistant\n`, "<think>x</think>b<|im_end|>"],
    [
      "fresh",
      `${turn("user", "a")}${turn("assistant", "b")}${turn("user", "c")}<|im_start|>assistant\n`,
      "<think>y</think>d<|im_end|>",
    ],
  ]);
});

test("calls are what the assistant says; results and tools are not", () => {
  const call = { type: "function", function: { name: "look_up", arguments: { word: "é" } } };
  const messages = [
    { role: "user", content: "<tool_call>?" },
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "</tool_call> found" },
    { role: "assistant", content: "Food." },
  ];
  const tools = [{ type: "function", function: { name: "look_up" } }];
  const answers = answersOf(messages, tokenizer, template, tools);
  // The template's call begins with a line feed, which its generation prompt has said already.
  expect(texts(answers)[0]![2]).toBe(
    '<tool_call>\n{"name": "look_up", "arguments": {"word": "é"}}\n</tool_call><|im_end|>',
  );
  const isCall = (id: number) => id === tokenizer.idOf("<tool_call>");
  expect(answers[0]!.tokens.filter(isCall)).toHaveLength(1);
  // One in the template's explanation, none in the user's question.
  expect(answers[0]!.prompt_tokens.filter(isCall)).toHaveLength(1);
  expect(texts(answers)[1]![1]).toContain("</tool_call> found");
  expect(answers[1]!.prompt_tokens).not.toContain(tokenizer.idOf("</tool_call>"));
});

describe("the end of a turn", () => {
  const messages = [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ];
  const plain = (given: readonly { role: string; content?: string | null }[]) =>
    given.map(({ role, content }) => `${role[0]}: ${content}\n`).join("");

  test("is added where the template has none", () => {
    const answers = answersOf(messages, tokenizer, (m, options) =>
      plain(m).concat(options?.addGenerationPrompt ? "a: " : ""),
    );
    expect(texts(answers)).toEqual([["append", "u: a\na: ", "b\n<|im_end|>"]]);
  });

  test("a template that rewrites its announcement is refused", () => {
    expect(() =>
      answersOf(messages, tokenizer, (m, options) => `${options?.addGenerationPrompt}${plain(m)}`),
    ).toThrow("messages[1]: the chat template writes something else before this turn");
  });
});
