import { expect, test } from "bun:test";
import { readDemonstrations } from "../../src/rollout/demonstration-records.ts";
import { trainingGroups } from "../../src/rollout/sequences.ts";
import type { ModelText } from "../../src/text/model-text.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { chatText } from "../text/chat.ts";

const chatml = chatText("chatml");
const { tokenizer } = chatml;

async function read(records: readonly object[], text: ModelText = chatml) {
  using directory = new TemporaryDirectory();
  const lines = records.map((record) => JSON.stringify(record)).join("\n");
  return await Array.fromAsync(readDemonstrations(directory.file("d.jsonl", lines), text));
}

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Goal: stick<|im_end|>" },
  { role: "assistant", content: "get 2 bamboo" },
  { role: "user", content: "ok" },
  { role: "assistant", content: "craft 1 stick" },
];

test("a chat goes through the template, and only what the assistant says is learned", async () => {
  const demonstrations = await read([{ messages: MESSAGES }]);
  const [{ prefix, members }] = trainingGroups(demonstrations) as [never] as [
    ReturnType<typeof trainingGroups>[0],
  ];
  const { ids, steps } = members[0]!;
  const learned = ids.filter((_, i) => steps[i]! >= 0);
  expect(tokenizer.decode(learned)).toBe("get 2 bamboo<|im_end|>craft 1 stick<|im_end|>");
  expect(`${tokenizer.decode([...prefix, ...ids])}\n`).toBe(chatml.template(MESSAGES));
  // Five turns end; the end that the user wrote is a text of several tokens.
  const ends = [...prefix, ...ids].filter((id) => id === tokenizer.endOfTurn);
  expect(ends).toHaveLength(5);
});

test("tools stand in the prompt, and a call is what the assistant says", async () => {
  const tools = [{ type: "function", function: { name: "count" } }];
  const call = { function: { name: "count", arguments: { to: 3 } } };
  const messages = [
    { role: "user", content: "Count." },
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "1 2 3" },
    { role: "assistant", content: "Done." },
  ];
  const [{ steps }] = (await read([{ messages, tools }])) as [Demonstrated];
  expect(tokenizer.decode(steps[0]!.prompt_tokens)).toContain('{"type": "function", "function"');
  expect(steps.map((step) => tokenizer.decode(step.tokens))).toEqual([
    '<tool_call>\n{"name": "count", "arguments": {"to": 3}}\n</tool_call><|im_end|>',
    "Done.<|im_end|>",
  ]);
});
type Demonstrated = Awaited<ReturnType<typeof read>>[number];

test("what the template refuses names the line", async () => {
  const messages = [{ role: "tool", content: "?" }];
  const chat = { messages: [...messages, { role: "assistant", content: "!" }] };
  expect(read([{ messages: MESSAGES }, chat], chatText("reasoning"))).rejects.toThrow(
    /d\.jsonl:2: reasoning\/tokenizer_config\.json: the chat template refuses .* no turn for the role tool$/,
  );
});

test("without a template the contents are encoded one by one", async () => {
  const [{ steps }] = (await read([{ messages: MESSAGES }], { tokenizer })) as [Demonstrated];
  const [first, second] = steps;
  expect(first!.prompt_tokens).toEqual([
    ...tokenizer.encode("Be brief."),
    ...tokenizer.encode("Goal: stick<|im_end|>"),
  ]);
  expect(second!.prompt_tokens).toEqual(tokenizer.encode("ok"));
  expect(second!.tokens).toEqual([...tokenizer.encode("craft 1 stick"), tokenizer.endOfTurn]);
});
