import { describe, expect, test } from "bun:test";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const VOCABULARY = 432;
const SEQUENCES = [[3, 4, 5, 6, 7, 8], [9], [3, 4, 5, 6, 9, 200, 300], [431, 0]];

interface Scores {
  readonly logprobs: readonly number[];
  readonly entropies: readonly number[];
}

async function score(content: string, ...args: string[]) {
  using directory = new TemporaryDirectory();
  const file = directory.file("s.jsonl", content);
  const device = process.env.EMPG_TEST_DEVICE ?? "auto";
  const all = ["score", "--model", "builtin:tiny", "--input", file, "--device", device, ...args];
  const { code, out, notes } = await runCli(all);
  const lines = out === "" ? [] : out.split("\n");
  return { code, notes, file, scores: lines.map((line) => JSON.parse(line) as Scores) };
}

const lines = (sequences: readonly number[][]) =>
  sequences.map((tokens) => `${JSON.stringify({ tokens })}\n`).join("");

test("every token but the first has a log-probability ≤ 0 and an entropy from 0 to ln V", async () => {
  const { code, scores } = await score(lines(SEQUENCES));
  expect(code).toBe(0);
  expect(scores.map(({ logprobs }) => logprobs.length)).toEqual([5, 0, 6, 1]);
  expect(scores.map(({ entropies }) => entropies.length)).toEqual([5, 0, 6, 1]);
  const logprobs = scores.flatMap((one) => one.logprobs);
  const entropies = scores.flatMap((one) => one.entropies);
  expect(Math.max(...logprobs)).toBeLessThanOrEqual(0);
  expect(Math.min(...entropies)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...entropies)).toBeLessThanOrEqual(Math.log(VOCABULARY) + TOLERANCE.kernel);
});

test("entry j depends on tokens 0 to j + 1 only", async () => {
  const { scores } = await score(lines(SEQUENCES));
  const [a, , b] = scores;
  // The two sequences begin alike, and part at their fifth token.
  expect(a!.logprobs.slice(0, 3)).toBeClose(b!.logprobs.slice(0, 3), TOLERANCE.kernel);
  expect(a!.entropies.slice(0, 4)).toBeClose(b!.entropies.slice(0, 4), TOLERANCE.kernel);
  expect(a!.logprobs[3]).not.toBe(b!.logprobs[3]);
});

test("the probabilities of all tokens that may follow sum to one, and give the entropy", async () => {
  const all = Array.from({ length: VOCABULARY }, (_, token) => [3, 40, token]);
  const { scores } = await score(lines(all));
  const logprobs = scores.map((one) => one.logprobs[1]!);
  const sum = logprobs.reduce((total, value) => total + Math.exp(value), 0);
  const entropy = -logprobs.reduce((total, value) => total + Math.exp(value) * value, 0);
  expect(sum).toBeClose(1, TOLERANCE.reduction);
  expect(scores[0]!.entropies[1]!).toBeClose(entropy, TOLERANCE.reduction);
});

test("how lines are batched changes no number", async () => {
  const together = await score(lines(SEQUENCES));
  const apart = await score(lines(SEQUENCES), "--batch-tokens", "1");
  expect(apart.scores).toEqual(together.scores);
});

test("a file without lines has no scores", async () => {
  expect(await score("\n")).toMatchObject({ code: 0, scores: [] });
});

describe("bad input is refused with file and line", () => {
  test.each([
    ['{"tokens": [1, 432]}', "tokens[1]: found 432, allowed: 0 to 431"],
    ['{"tokens": [-1]}', "tokens[0]: found -1, allowed: "],
    ['{"tokens": [1.5]}', "tokens[0]: found 1.5, allowed: "],
    ['{"tokens": []}', "tokens: found [], allowed: "],
    ['{"ids": [1]}', "tokens: found nothing, allowed: "],
    ['{"tokens": [1', "not a JSON value"],
    [lines([Array(513).fill(1)]).trim(), "tokens: found 513, allowed: at most 512"],
  ])("%.30s", async (line, message) => {
    const { code, scores, notes, file } = await score(`{"tokens":[1,2]}\n${line}\n`);
    expect([code, scores]).toEqual([2, []]);
    expect(notes).toStartWith(`error: ${file}:2: ${message}`);
  });

  test.each([
    [["score", "--input", "x"], "error: score: --model M is missing"],
    [["score", "--model", "builtin:tiny"], "error: score: --input FILE is missing"],
    [["score", "--model", "builtin:x", "--input", "x"], 'error: no built-in model "x"'],
  ])("%j", async (args, message) => {
    const { code, notes } = await runCli(args);
    expect(code).toBe(2);
    expect(notes).toStartWith(message);
  });
});
