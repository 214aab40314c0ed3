import { afterEach, describe, expect, test } from "bun:test";
import { version } from "../../package.json" with { type: "json" };
import { COMMANDS } from "../../src/cli/commands.ts";
import { dispatch } from "../../src/cli/dispatch.ts";
import { UserError } from "../../src/core/errors.ts";
import { runCli } from "../support/run-cli.ts";

test.each(Object.keys(COMMANDS))(
  "%s is loaded under its own name and explains itself",
  async (name) => {
    expect((await COMMANDS[name]!()).command.name).toBe(name);
    const { code, out, notes } = await runCli([name, "--help"]);
    expect(code).toBe(0);
    expect(out).toStartWith(`usage: empg ${name}`);
    expect(notes).toBe("");
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    for (const common of ["--device", "--seed", "--json", "--help"]) expect(out).toContain(common);
  },
);

test("empg alone and --help name every command", async () => {
  const alone = await runCli([]);
  expect(alone.code).toBe(0);
  for (const name of Object.keys(COMMANDS)) expect(alone.out).toContain(`\n  ${name} `);
  expect(await runCli(["--help"])).toEqual(alone);
});

test("--version prints the version alone", async () => {
  expect(await runCli(["--version"])).toEqual({ code: 0, out: version, notes: "" });
});

describe("the caller's mistakes end with 2, an error line and a hint line", () => {
  test.each([
    [["ply"], 'error: unknown command "ply"\nhint: did you mean "play"?'],
    [["xxxxxxxxxx"], 'error: unknown command "xxxxxxxxxx"\nhint: empg --help lists the commands'],
    [["constructor"], 'error: unknown command "constructor"\nhint: empg --help lists the commands'],
    [["--verison"], 'error: unknown option "--verison"\nhint: did you mean "--version"?'],
    [["envs", "--jsn"], "error: envs: unknown option --jsn\nhint: did you mean --json?"],
    [["eval", "extra"], 'error: eval: unexpected argument "extra"'],
  ])("%j", async (args, notes) => {
    expect(await runCli(args)).toEqual({ code: 2, out: "", notes });
  });
});

describe("what a command throws", () => {
  const run = async (error: unknown) => {
    const notes: string[] = [];
    const code = await dispatch(["--version"], {
      io: {
        write: () => {},
        out: () => {
          throw error;
        },
        note: (line) => notes.push(line),
        ask: async () => null,
        isTerminal: false,
        interrupted: new AbortController().signal,
      },
      catchSignals: () => {},
    });
    return { code, notes };
  };

  afterEach(() => {
    delete process.env.EMPG_DEBUG;
  });

  test("is one line and ends with 1; the stack is shown on request", async () => {
    expect(await run(new Error("lost\n  my way"))).toEqual({
      code: 1,
      notes: ["error: lost my way", "hint: EMPG_DEBUG=1 shows where it happened"],
    });
    process.env.EMPG_DEBUG = "1";
    const { notes } = await run(new Error("lost"));
    expect(notes.join("\n")).toContain("dispatch.test.ts");
  });

  test("ends with 2 when it is the caller's mistake", async () => {
    expect(await run(new UserError("a.toml:3: bad", "good"))).toEqual({
      code: 2,
      notes: ["error: a.toml:3: bad", "hint: good"],
    });
  });

  test("ends with 75 when the disk is full", async () => {
    const error = Object.assign(new Error("out.jsonl: no space left"), { code: "ENOSPC" });
    expect((await run(error)).code).toBe(75);
  });

  test("passes through when nobody reads the output any more", async () => {
    const error = Object.assign(new Error("write"), { code: "EPIPE" });
    await expect(run(error)).rejects.toBe(error);
  });
});

test("--help behind -- is an operand, not a question", async () => {
  const { code, out } = await runCli(["play", "--", "--help"]);
  expect([code, out]).toEqual([2, ""]);
});

test("the help of play", async () => {
  expect((await runCli(["play", "--help"])).out).toMatchInlineSnapshot(`
    "usage: empg play ENV [options]

    act in an environment by hand, or replay actions

      ENV  the environment; \`empg envs\` lists them

    options
      --data DIR          its data directory; absent: the data inside the executable
      --task T            which task, as the environment names them; absent: the seed picks one
      --split S           the tasks to pick from; absent: train or valid_train, whichever there is
      --panel P           a named list of tasks, such as adapt200; --task is then a number in it
      --actions FILE      play these: .json holds an array of strings, sent exactly as they are; any
                          other file one action a line, empty lines skipped; - is standard input. Short
                          forms for typing by hand are none here
      --max-turns N       end the episode after so many actions
      --option KEY=VALUE  a switch of the environment; \`empg envs ENV\` lists them (repeatable)
      --device NAME       auto, gpu, software, or a part of an adapter's name
      --seed N            the seed every random draw follows from
      --json              one JSON document on standard output, nothing else there
      --help              this text"
  `);
});

test("the help of init", async () => {
  expect((await runCli(["init", "--help"])).out).toMatchInlineSnapshot(`
    "usage: empg init [FILE] [options]

    write a commented configuration with every default

      FILE  where to; empg.toml when absent, - for standard output

    options
      --device NAME  auto, gpu, software, or a part of an adapter's name
      --seed N       the seed every random draw follows from
      --json         one JSON document on standard output, nothing else there
      --help         this text"
  `);
});
