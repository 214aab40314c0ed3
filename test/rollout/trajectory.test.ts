import { describe, expect, test } from "bun:test";
import {
  readReturnTrajectories,
  readTrajectories,
  type Trajectory,
  writeTrajectories,
} from "../../src/rollout/trajectory.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const STEP = {
  observation: "a stove",
  response: "open stove",
  action: "open stove",
  valid: true,
  reward: 0,
  context: "append",
  prompt_tokens: [1, 2, 3],
  tokens: [4, 5],
  logprobs: [-0.1, -0.7],
  entropies: [0.3, 0.9],
} as const;

const EPISODE = {
  episode: "textcraft/17#3",
  group: "textcraft/17",
  env: "textcraft",
  return: 1,
  success: true,
  end: "terminated",
  steps: [STEP],
} as const satisfies Trajectory;

type Reader<T> = (path: string) => AsyncGenerator<T>;

async function read<T>(reader: Reader<T>, ...records: unknown[]): Promise<T[]> {
  using directory = new TemporaryDirectory();
  const lines = records.map((record) =>
    typeof record === "string" ? record : JSON.stringify(record),
  );
  return await Array.fromAsync(reader(directory.file("t.jsonl", lines.join("\n"))));
}

/** What reading these records fails with, from the file's name on. */
async function problem<T>(reader: Reader<T>, ...records: unknown[]): Promise<string> {
  const error = await read(reader, ...records).then(
    () => new Error("read without complaint"),
    (caught: Error) => caught,
  );
  expect(error.name).toBe("UserError");
  return error.message.slice(error.message.indexOf("t.jsonl"));
}

const withStep = (change: object) => ({ ...EPISODE, steps: [STEP, { ...STEP, ...change }] });

test("what is written reads back the same", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.file("t.jsonl");
  const faulty: Trajectory = { ...EPISODE, episode: "b", end: "fault", return: -0.1, steps: [] };
  await writeTrajectories(path, [EPISODE, faulty]);
  expect(await Array.fromAsync(readTrajectories(path))).toEqual([EPISODE, faulty]);
});

test("a step's one entropy stands for each of its tokens", async () => {
  const { entropies: _, ...step } = STEP;
  const steps = [
    { ...step, entropy: 0.25, token_count: 2 },
    { ...step, entropy: 0.25 },
    { ...step, tokens: [], logprobs: [], token_count: 0 },
  ];
  const [found] = await read(readTrajectories, { ...EPISODE, steps });
  expect(found?.steps.map(({ entropies }) => entropies)).toEqual([[0.25, 0.25], [0.25, 0.25], []]);
  expect(Object.keys(found?.steps[0] ?? {}).sort()).toEqual(Object.keys(STEP).sort());
});

describe("a trajectory is refused with file, line, key, what was found and what is allowed", () => {
  test.each([
    [{ group: undefined }, "group: found nothing, allowed: a string that is not empty or a number"],
    [{ return: "1" }, 'return: found "1", allowed: a number from -1e+30 to 1e+30'],
    [{ success: 1 }, "success: found 1, allowed: true or false"],
    [{ end: "won" }, 'end: found "won", allowed: "terminated", "truncated" or "fault"'],
    [{ steps: {} }, "steps: found {}, allowed: a list, each a table of keys and values"],
  ])("%j", async (change, message) => {
    expect(await problem(readTrajectories, EPISODE, "", { ...EPISODE, ...change })).toBe(
      `t.jsonl:3: ${message}`,
    );
  });

  test.each([
    [{ context: "new" }, 'steps[1].context: found "new", allowed: "append" or "fresh"'],
    [{ tokens: [4, -1] }, "steps[1].tokens[1]: found -1, allowed: a whole number ≥ 0"],
    [{ tokens: [4, 1.5] }, "steps[1].tokens[1]: found 1.5, allowed: a whole number ≥ 0"],
    [
      { prompt_tokens: "x" },
      'steps[1].prompt_tokens: found "x", allowed: a list, each a whole number ≥ 0',
    ],
    [
      { logprobs: [-1, null] },
      "steps[1].logprobs[1]: found null, allowed: a number from -1e+30 to 0.001",
    ],
    [
      { logprobs: [-1] },
      "steps[1]: logprobs has 1 numbers, but tokens has 2 numbers: one per sampled token",
    ],
    [
      { entropies: [1, 2, 3] },
      "steps[1]: entropies has 3 numbers, but tokens has 2 numbers: one per sampled token",
    ],
    [
      { token_count: 3 },
      "steps[1]: token_count is 3, but tokens has 2 numbers: one per sampled token",
    ],
    [
      { entropies: undefined },
      "steps[1].entropies: found nothing, allowed: a list of 2 numbers, or entropy with token_count",
    ],
  ])("step %j", async (change, message) => {
    expect(await problem(readTrajectories, withStep(change))).toBe(`t.jsonl:1: ${message}`);
  });

  test("numbers too large for a float are not finite", async () => {
    const line = JSON.stringify(EPISODE).replace('"return":1', '"return":1e999');
    expect(await problem(readTrajectories, line)).toBe(
      "t.jsonl:1: return: found Infinity, allowed: a number from -1e+30 to 1e+30",
    );
  });

  test("NaN as Python writes it", async () => {
    const line = JSON.stringify(EPISODE).replace("0.9", "NaN");
    expect(await problem(readTrajectories, EPISODE, line)).toStartWith(
      "t.jsonl:2: not a JSON value",
    );
  });

  test.each(["[]", "3", "null"])("the line %s is no trajectory", async (line) => {
    expect(await problem(readTrajectories, line)).toBe(
      `t.jsonl:1: found ${line}, allowed: a table of keys and values`,
    );
  });

  test("a line that was cut off", async () => {
    const line = JSON.stringify(EPISODE).slice(0, -20);
    expect(await problem(readTrajectories, EPISODE, line)).toStartWith(
      "t.jsonl:2: not a JSON value",
    );
  });
});

describe("for advantages alone", () => {
  test("group, return and entropies are enough", async () => {
    const record = { group: 7, return: 0.5, steps: [{ entropies: [0.1, 0.2] }, { entropies: [] }] };
    const unknown = (tokens: number) => ({
      ...{ reward: undefined, valid: true, state: "", observation: "", tokens },
    });
    const at = (line: number) => expect.stringMatching(new RegExp(`t\\.jsonl:${line}$`));
    const entropies = [[0.1, 0.2], []];
    const known = { group: "7", return: 0.5, entropies, steps: [unknown(2), unknown(0)] };
    expect(
      await read(readReturnTrajectories, record, { ...record, episode: "e", end: "fault" }),
    ).toEqual([
      { ...known, episode: "line 1", end: undefined, where: at(1) },
      { ...known, episode: "e", end: "fault", where: at(2) },
    ]);
  });

  test("a step's one entropy comes back unchanged, however many tokens it speaks of", async () => {
    const steps = [
      { entropy: 0.7, token_count: 512 },
      { entropy: null, token_count: 0 },
      { entropy: 0.4, tokens: [1, 2] },
    ];
    const [found] = await read(readReturnTrajectories, { group: "g", return: 1, steps });
    expect(found?.entropies).toEqual([[0.7], [], [0.4]]);
  });

  test("a stored trajectory serves as it is", async () => {
    const [found] = await read(readReturnTrajectories, EPISODE);
    expect(found).toEqual({
      episode: EPISODE.episode,
      group: EPISODE.group,
      return: 1,
      end: "terminated",
      entropies: [[0.3, 0.9]],
      steps: [
        {
          reward: EPISODE.steps[0]!.reward,
          valid: EPISODE.steps[0]!.valid,
          state: EPISODE.steps[0]!.observation,
          observation: EPISODE.steps[0]!.observation,
          tokens: 2,
        },
      ],
      where: expect.stringMatching(/t\.jsonl:1$/),
    });
  });

  test.each([
    [
      { entropy: 0.7 },
      "steps[0].entropies: found nothing, allowed: a list of numbers, or entropy with token_count",
    ],
    [
      { token_count: 3 },
      "steps[0].entropies: found nothing, allowed: a list of 3 numbers, or entropy with token_count",
    ],
    [
      { entropy: "high", token_count: 3 },
      'steps[0].entropy: found "high", allowed: a number from -0.001 to 100 or null',
    ],
    [
      { entropies: [1], token_count: 3 },
      "steps[0]: entropies has 1 numbers, but token_count is 3: one per sampled token",
    ],
  ])("step %j is refused", async (step, message) => {
    const record = { group: "g", return: 1, steps: [step] };
    expect(await problem(readReturnTrajectories, record)).toBe(`t.jsonl:1: ${message}`);
  });
});
