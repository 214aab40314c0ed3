import { describe, expect, test } from "bun:test";
import { MODULATION_NAMES } from "../../src/algorithm/method-name.ts";
import { METHODS } from "../../src/algorithm/methods.ts";
import { modulate } from "../reference/advantage-modulation.ts";
import { ppoPlaces } from "../reference/gae.ts";
import { gigpo } from "../reference/gigpo.ts";
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

/** A group of two. */
const twice = (episode: object) => `${JSON.stringify(episode)}\n${JSON.stringify(episode)}`;

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

/** Two tasks; the states, and what each step earned, as a framework of its own may store them. */
const STEPS = [
  [
    "a",
    1,
    [
      ["s", 0, [0.3]],
      ["t", 1, [0.5]],
    ],
  ],
  [
    "a",
    0,
    [
      ["s", 0, [0.9]],
      ["s", 0, [1.1]],
      ["t", 0, [0.2]],
    ],
  ],
  ["b", 2, [["u", 2, [0.7]]]],
  ["b", 0, [["u", 0, [0.4]]]],
] as const;
const GIGPO_FILE = STEPS.map(([group, total, steps]) =>
  JSON.stringify({
    ...{ group, return: total },
    steps: steps.map(([state, reward, entropies]) => ({ state, reward, entropies })),
  }),
).join("\n");

test("every method takes its own options", async () => {
  const base = async (...args: string[]) => {
    const { rows } = await advantages(GIGPO_FILE, "--modulation", "none", ...args);
    return rows.map(({ steps }) => steps.map(({ advantage }: { advantage: number }) => advantage));
  };
  const episodes = STEPS.map(([group, total, steps]) => ({
    ...{ group, return: total },
    steps: steps.map(([state, reward]) => ({ state, reward })),
  }));
  const gigpoOptions = { std: true, step_std: true, gamma: 0.5, step_weight: 2, eps: 1e-6 };
  const flags = ["--std", "true", "--step-std", "true", "--gamma", "0.5", "--step-weight", "2"];
  const found = await base("--method", "gigpo", ...flags);
  expect(found.flat()).toBeClose(gigpo(episodes, gigpoOptions).flat(), TOLERANCE.kernel);
  expect(await base("--method", "rloo")).toEqual([[1, 1], [-1, -1, -1], [2], [-2]]);
  const none = await base("--method", "reinforce", "--baseline", "none");
  expect(none).toEqual([[1, 1], [0, 0, 0], [2], [0]]);
  const others = await base("--method", "reinforce");
  expect(others.map(([first]) => first)).toBeClose([1 / 3, -1, 5 / 3, -1], TOLERANCE.kernel);
  // Five step rows of the first group, of which two belong to the episode that won.
  const rows = await base("--std", "false", "--dialect", "verl-agent");
  expect(rows.flat()).toBeClose([0.6, 0.6, -0.4, -0.4, -0.4, 1, -1], TOLERANCE.kernel);
});

test("where no step tells a reward, the last one earned the return", async () => {
  const untold = GIGPO_FILE.replaceAll(/"reward":\d,/g, "");
  const args = ["--method", "gigpo", "--invalid-action-penalty", "0.3"];
  expect((await advantages(untold, ...args)).rows).toEqual(
    (await advantages(GIGPO_FILE, ...args)).rows,
  );
});

test("a method or modulation that does not exist is refused with all there are", async () => {
  for (const name of ["grop", "rloo+emgp"]) {
    const { code, notes } = await advantages(FILE, "--method", name);
    expect(code).toBe(2);
    for (const known of [...METHODS, ...MODULATION_NAMES]) expect(notes).toContain(known);
  }
});

describe("groups of one", () => {
  const alone = EPISODES.map((episode, i) => line({ ...episode, group: `${i}` })).join("\n");

  test("are refused where the method compares the episodes of a group", async () => {
    for (const method of ["grpo", "dapo", "rloo", "gigpo+scale"]) {
      const { code, notes } = await advantages(alone, "--method", method);
      expect(code).toBe(2);
      expect(notes).toContain("every group has one episode");
    }
    expect((await advantages(alone, "--method", "reinforce")).code).toBe(0);
  });

  test("are noted where others have more", async () => {
    const { code, notes } = await advantages(`${FILE}\n${line({ ...EPISODES[0]!, group: "c" })}`);
    expect(code).toBe(0);
    expect(notes).toContain('1 of 3 groups have one episode, with which "grpo" compares nothing');
  });
});

describe("a bonus where no step has a successor", () => {
  const short = EPISODES.map((e) => line({ ...e, entropies: e.entropies.slice(0, 1) })).join("\n");

  test("is refused where it was asked for", async () => {
    const { code, notes } = await advantages(short, "--zeta", "0.1");
    expect(code).toBe(2);
    expect(notes).toMatch(/^error: --zeta 0\.1: no step of .* has a successor/);
  });

  test("is noted where it is the default, and nothing to say where it is off", async () => {
    expect((await advantages(short)).notes).toContain("no step has one: there is no bonus");
    for (const off of [
      ["--zeta", "0"],
      ["--modulation", "none"],
      ["--method", "grpo+scale"],
    ]) {
      const { code, notes } = await advantages(short, ...off);
      expect(code).toBe(0);
      expect(notes).not.toContain("successor");
      expect(notes).not.toContain("no bonus");
    }
  });
});

test("one entropy with its token count stands for a step", async () => {
  const episode = { group: 1, return: 1, steps: [{ entropy: 0.5, token_count: 7 }] };
  const { rows } = await advantages(twice(episode));
  expect(rows[0].steps[0].entropy).toBeClose(0.5, TOLERANCE.kernel);
});

test("a file without an episode is said to be one", async () => {
  using directory = new TemporaryDirectory();
  const file = directory.file("empty.jsonl", "\n");
  const { code, out, notes } = await runCli(["advantages", "--input", file]);
  expect({ code, out }).toEqual({ code: 0, out: "" });
  expect(notes).toContain("empty.jsonl: no trajectory");
});

test("rounding below zero is no empty step", async () => {
  const episode = { group: 1, return: 1, steps: [{ entropies: [-1e-7] }] };
  expect((await advantages(twice(episode))).rows[0].steps[0].entropy).toBe(0);
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

/** What a critic said of the same episodes, and what each step earned. */
const VALUED = EPISODES.map((episode, i) => ({
  ...episode,
  steps: episode.entropies.map((entropies, t) => ({
    entropies,
    reward: t === 1 ? 0.25 : 0,
    values: entropies.map((_, j) => 0.3 * i - 0.2 * t + 0.1 * j),
  })),
}));
const CRITICISED = VALUED.map((episode) => JSON.stringify(episode)).join("\n");

test.each([
  ["turn", []],
  ["token", ["--lambda", "0.5", "--gamma", "0.9"]],
] as const)("ppo over each %s agrees with the f64 reference", async (gae, args) => {
  const [gamma, lambda] = args.length === 0 ? [1, 0.95] : [0.9, 0.5];
  const { rows } = await advantages(CRITICISED, "--method", "ppo+empg", "--gae", gae, ...args);
  const byTurn = gae === "turn";
  const places = ppoPlaces(VALUED, { byTurn, gamma, lambda }).advantages;
  let at = 0;
  const tokens = VALUED.map(({ steps }) =>
    steps.map(({ values }) => {
      const count = byTurn ? Math.min(values.length, 1) : values.length;
      at += count;
      return places.slice(at - count, at);
    }),
  );
  expect(at).toBe(places.length);
  const mean = (own: readonly number[]) => own.reduce((a, b) => a + b, 0) / own.length;
  // With A = 0 and nothing centred, what is left of a step is its bonus.
  const bonus = modulate(
    EPISODES.map(({ group, entropies }) => ({
      ...{ group, advantage: 0 },
      entropies: entropies.map((own) => stepEntropy(own)),
    })),
    { center: "none" },
  );
  const before = tokens.map((steps, i) =>
    steps.map((own, t) => own.map((a) => a * bonus[i]![t]!.scale + bonus[i]![t]!.advantage)),
  );
  const sampled = before.flat().filter((own) => own.length > 0);
  const shift = mean(sampled.map(mean));
  rows.forEach(({ steps }, i) => {
    for (const [t, own] of before[i]!.entries()) {
      if (own.length === 0) continue;
      const wanted = own.map((a) => a - shift);
      expect(steps[t].advantage).toBeClose(mean(wanted), TOLERANCE.kernel);
      if (byTurn) expect(steps[t]).not.toHaveProperty("token_advantages");
      else expect(steps[t].token_advantages).toBeClose(wanted, TOLERANCE.kernel);
    }
  });
});

test("over turns one value of a step is enough, and so is the first of its tokens'", async () => {
  const one = VALUED.map(({ steps, ...episode }) => ({
    ...episode,
    steps: steps.map(({ values, ...step }) => ({ ...step, value: values[0] })),
  }));
  const file = one.map((episode) => JSON.stringify(episode)).join("\n");
  const found = await advantages(file, "--method", "ppo");
  expect(found.rows).toEqual((await advantages(CRITICISED, "--method", "ppo")).rows);
});

test.each([
  [["--method", "ppo"], "steps[0].value: found nothing, allowed: a number"],
  [
    ["--method", "ppo", "--gae", "token"],
    "steps[0].values: found nothing, allowed: a list of 2 numbers",
  ],
] as const)("%j without the critic's word names line and key", async (args, message) => {
  const { code, notes, file } = await advantages(`${CRITICISED}\n${FILE}`, ...args);
  expect(code).toBe(2);
  expect(notes).toStartWith(`error: ${file}:5: ${message}`);
});

test("values for another number of tokens are refused", async () => {
  const step = { entropies: [0.5, 0.6], values: [1] };
  const { code, notes } = await advantages(
    JSON.stringify({ group: 1, return: 1, steps: [step] }),
    ...["--method", "ppo"],
  );
  expect(code).toBe(2);
  expect(notes).toContain("values has 1 numbers, but entropies has 2 numbers");
});

test("dapo leaves groups without a difference out of every statistic, grpo gives them the bonus alone", async () => {
  const uniform = { episode: "u", group: "u", return: 1, entropies: [[9], [0]] };
  const content = [...EPISODES, uniform, { ...uniform, episode: "v" }].map(line).join("\n");
  const dapo = await advantages(content, "--method", "dapo+empg");
  expect(dapo.notes).toContain("1 group without a difference: left out");
  const rest = await advantages(FILE, "--method", "dapo+empg");
  expect(dapo.rows.slice(0, EPISODES.length)).toEqual(rest.rows);
  for (const row of dapo.rows.slice(EPISODES.length)) {
    expect(row.advantage).toBeNull();
    expect(row.steps[0]).toMatchObject({ entropy: null, scale: null, advantage: null });
  }
  const grpo = await advantages(content, "--method", "grpo+empg", "--center", "bonus");
  const own = grpo.rows.at(-1);
  expect(own.advantage).toBe(0);
  expect(own.steps[0].advantage).not.toBe(0);
  expect(own.steps[1].advantage).toBeCloseTo(0, 9);
});

describe("an option that says otherwise than the method is refused", () => {
  test.each([
    [["--method", "grpo+scale", "--zeta", "0.2"], "--zeta 0.2 contradicts --method grpo+scale"],
    [["--method", "grpo+clarity", "--k", "2"], "--k 2 contradicts --method grpo+clarity"],
    [
      ["--method", "grpo+empg-robust", "--normalization", "min-max"],
      "--normalization min-max contradicts --method grpo+empg-robust, which means normalization = robust",
    ],
    [["--method", "grpo+empg", "--modulation", "none"], "--modulation none contradicts --method"],
    [["--modulation", "none", "--zeta", "0.1"], "--zeta 0.1 contradicts --modulation none"],
    [["--gamma", "0.9"], '--gamma 0.9: method "grpo" has no such setting'],
    [["--method", "rloo", "--step-weight", "1"], '--step-weight 1: method "rloo" has no such'],
  ])("%j", async (args, message) => {
    const { code, notes } = await advantages(FILE, ...args);
    expect(code).toBe(2);
    expect(notes).toContain(message);
  });

  test("and one that says the same is not", async () => {
    const { code } = await advantages(FILE, "--method", "grpo+scale", "--zeta", "0");
    expect(code).toBe(0);
  });
});

test.each(["empg", "verl", "verl-agent"])(
  "an episode without a step has no vote and no advantage, by the rules of %s",
  async (dialect) => {
    const nothing = { episode: "n", group: "a", return: 5, steps: [] };
    const file = `${JSON.stringify(nothing)}\n${FILE}`;
    const { rows, notes } = await advantages(file, "--dialect", dialect);
    expect(rows[0]).toEqual({ episode: "n", advantage: null, steps: [] });
    expect(notes).toContain("1 episode without a step: left out of every mean");
    const without = await advantages(FILE, "--dialect", dialect);
    expect(rows.slice(1)).toEqual(without.rows);

    const empty = [1, 0].map((total) => JSON.stringify({ group: "a", return: total, steps: [] }));
    const alone = await advantages(empty.join("\n"), "--dialect", dialect);
    expect(alone.rows.map(({ advantage }) => advantage)).toEqual([null, null]);
  },
);

test("dapo compares what groups earned before penalties, where it is told what those were", async () => {
  const step = (valid: boolean, entropies: number[]) => ({ valid, entropies });
  const content = [
    // Both earned 1; the second paid for an invalid action.
    { episode: "s0", group: "s", return: 1, steps: [step(true, [1]), step(true, [2])] },
    { episode: "s1", group: "s", return: 0.9, steps: [step(false, [1]), step(true, [3])] },
    { episode: "d0", group: "d", return: 1, steps: [step(true, [1])] },
    { episode: "d1", group: "d", return: 0, steps: [step(true, [2])] },
  ];
  const text = content.map((episode) => JSON.stringify(episode)).join("\n");
  const told = await advantages(text, "--method", "dapo", "--invalid-action-penalty", "0.1");
  expect(told.rows.map(({ advantage }) => advantage === null)).toEqual([true, true, false, false]);
  expect(told.notes).toContain("1 group without a difference: left out");
  const untold = await advantages(text, "--method", "dapo");
  expect(untold.rows.some(({ advantage }) => advantage === null)).toBe(false);
});

test("a clarity that would leave single precision is refused, and a gate of any sharpness is finite", async () => {
  const flags = ["--normalization", "z-score", "--k-prime", "11"];
  const { code, notes } = await advantages(FILE, ...flags);
  expect(code).toBe(2);
  expect(notes).toContain("--k-prime is 11, but with normalization");
  const { rows } = await advantages(FILE, "--normalization", "z-score", "--k", "1000000");
  expect(rows.flatMap(({ steps }) => steps).every(({ scale }) => Number.isFinite(scale))).toBe(
    true,
  );
});

test("where no step tells a reward, a penalty is still its own step's", async () => {
  const episodes = [
    { group: "g", return: 0.9, valid: [false, true] },
    { group: "g", return: 0.9, valid: [true, false] },
  ];
  const text = (told: boolean) =>
    episodes
      .map(({ valid, ...rest }) => {
        const rewards = told ? [{ reward: 0 }, { reward: 1 }] : [{}, {}];
        const steps = valid.map((one, t) => ({
          ...{ valid: one, state: `${t}`, entropies: [1] },
          ...rewards[t],
        }));
        return JSON.stringify({ ...rest, steps });
      })
      .join("\n");
  for (const dialect of ["empg", "verl-agent"]) {
    const flags = ["--method", "gigpo", "--gamma", "1", "--dialect", dialect];
    const all = [...flags, "--invalid-action-penalty", "0.1"];
    const [told, untold] = [
      await advantages(text(true), ...all),
      await advantages(text(false), ...all),
    ];
    expect(told.code).toBe(0);
    expect(untold.rows).toEqual(told.rows);
  }
});
