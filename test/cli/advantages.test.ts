import { expect, test } from "bun:test";
import { modulate } from "../reference/advantage-modulation.ts";
import { groupAdvantages } from "../reference/group-advantage.ts";
import { stepEntropy } from "../reference/step-entropy.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const EPISODES = [
  { episode: "a0", group: "a", return: 1, entropies: [[0.3, 0.9], [2], [0.1, 0.2, 0.6]] },
  { episode: "b0", group: "b", return: 0, entropies: [[1.5], [], [0.5, 0.7]] },
  { episode: "a1", group: "a", return: 0, entropies: [[0.25]] },
  { episode: "b1", group: "b", return: 3, entropies: [[0.75], [1.25, 0.05]] },
];

const line = ({ entropies, ...rest }: (typeof EPISODES)[number] & { end?: string }) =>
  JSON.stringify({ ...rest, steps: entropies.map((tokens) => ({ entropies: tokens })) });

async function advantages(content: string, ...args: string[]) {
  using directory = new TemporaryDirectory();
  const file = directory.file("t.jsonl", content);
  const device = process.env.EMPG_TEST_DEVICE ?? "auto";
  const all = ["advantages", "--input", file, "--device", device, ...args];
  const { code, out, notes } = await runCli(all);
  return {
    code,
    notes,
    file,
    rows: code === 0 ? out.split("\n").map((row) => JSON.parse(row)) : [],
  };
}

const FILE = EPISODES.map(line).join("\n");

test.each([
  [[], {}, true],
  [["--std", "false", "--zeta", "0.5", "--center", "bonus"], { zeta: 0.5, center: "bonus" }, false],
  [
    ["--k", "2", "--k-prime", "0.5", "--normalization", "z-score", "--scope", "group"],
    { k: 2, kPrime: 0.5, normalization: "z-score", scope: "group" },
    true,
  ],
  [["--modulation", "none"], { k: 0, zeta: 0, center: "none" }, true],
] as const)("agrees with the f64 reference under %j", async (args, options, std) => {
  const { rows } = await advantages(FILE, ...args);
  const bases = groupAdvantages(
    EPISODES.map((episode) => episode.return),
    EPISODES.map(({ group }) => group),
    { std },
  );
  const wanted = modulate(
    EPISODES.map(({ group, entropies }, i) => ({
      group,
      advantage: bases[i]!,
      entropies: entropies.map((tokens) => stepEntropy(tokens)),
    })),
    options,
  );
  expect(rows.map(({ episode }) => episode)).toEqual(EPISODES.map(({ episode }) => episode));
  expect(rows.map(({ advantage }) => advantage)).toBeClose(bases, TOLERANCE.exact);
  const found = rows.flatMap(({ steps }) => steps);
  wanted.flat().forEach((step, i) => {
    for (const [key, value] of [
      ["normalized_entropy", step.normalized],
      ["scale", step.scale],
      ["clarity", step.clarity],
      ["advantage", step.advantage],
    ] as const) {
      if (value === null) expect(found[i][key]).toBeNull();
      else expect(found[i][key]).toBeClose(value, TOLERANCE.kernel);
    }
  });
});

test("a last step's clarity is null, and the keys are the documented ones", async () => {
  const { rows } = await advantages(FILE);
  for (const { steps } of rows) expect(steps.at(-1).clarity).toBeNull();
  expect(Object.keys(rows[0])).toEqual(["episode", "advantage", "steps"]);
  expect(Object.keys(rows[0].steps[0])).toEqual([
    "entropy",
    "normalized_entropy",
    "scale",
    "clarity",
    "advantage",
  ]);
});

test("an episode that ended in a fault has null for an advantage and changes no other", async () => {
  const fault = { episode: "f", group: "a", return: 9, end: "fault", entropies: [[3], [0.01]] };
  const { rows, notes } = await advantages(`${line(fault)}\n${FILE}`);
  expect(rows.slice(1)).toEqual((await advantages(FILE)).rows);
  expect(rows[0].advantage).toBeNull();
  expect(rows[0].steps).toHaveLength(2);
  expect(rows[0].steps[1].advantage).toBeNull();
  expect(notes).toContain("1 episode ended in a fault");
});

test("one entropy with its token count stands for a step", async () => {
  const episode = { group: 1, return: 1, steps: [{ entropy: 0.5, token_count: 7 }] };
  const { rows } = await advantages(JSON.stringify(episode));
  expect(rows[0].steps[0].entropy).toBeClose(0.5, TOLERANCE.kernel);
});

test("rounding below zero is no empty step", async () => {
  const episode = { group: 1, return: 1, steps: [{ entropies: [-1e-7] }] };
  expect((await advantages(JSON.stringify(episode))).rows[0].steps[0].entropy).toBe(0);
});

test.each([
  ['{"group": 1, "return": 1, "steps": [{}]}', ":1: steps[0].entropies: found nothing"],
  [
    '{"group": 1, "return": 1, "steps": [{"entropies": [-2]}]}',
    ":1: steps[0].entropies[0]: found -2, allowed: a number from -0.001 to 100",
  ],
  ['{"group": 1, "steps": []}', ":1: return: found nothing"],
])("%s is refused", async (content, message) => {
  const { code, notes, file } = await advantages(content);
  expect(code).toBe(2);
  expect(notes).toStartWith(`error: ${file}${message}`);
});
