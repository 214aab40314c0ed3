/** What only a real process shows: exit codes, closed pipes, standard input. */

import { expect, test } from "bun:test";
import { TemporaryDirectory } from "../support/temporary.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;

async function spawn(script: string) {
  const process_ = Bun.spawn(["bash", "-c", script], {
    env: { ...process.env, EMPG: `${process.execPath} ${MAIN}` },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, notes] = await Promise.all([process_.stdout.text(), process_.stderr.text()]);
  return { code: await process_.exited, out, notes };
}

test("exit codes reach the shell", async () => {
  expect((await spawn("$EMPG --version")).code).toBe(0);
  expect(await spawn("$EMPG nonsense-command")).toEqual({
    code: 2,
    out: "",
    notes: 'error: unknown command "nonsense-command"\nhint: empg --help lists the commands\n',
  });
});

test("a reader that left early ends the command without a word", async () => {
  const { notes } = await spawn("{ sleep 1; $EMPG envs --json; echo $? >&2; } | true");
  expect(notes).toBe("0\n");
});

test("only an interruptible command outlives its first signal and its reader", async () => {
  const host = new URL("../../src/cli/process-host.ts", import.meta.url).pathname;
  const program = `
    import { processHost } from "${host}";
    const { io, catchSignals } = processHost();
    catchSignals();
    io.interrupted.addEventListener("abort", () => {
      for (let i = 0; i < 10; i++) io.out("nobody reads this");
      io.note("interrupted by " + io.interrupted.reason);
      process.exit(75);
    });
    setInterval(() => {}, 1000);
    io.note("ready");`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "pipe" });
  await child.stdout.cancel();
  let notes = "";
  for await (const chunk of child.stderr) {
    notes += new TextDecoder().decode(chunk);
    if (notes === "ready\n") child.kill("SIGTERM");
  }
  expect([await child.exited, notes]).toEqual([75, "ready\ninterrupted by SIGTERM\n"]);
});

test("a large result arrives whole at a slow reader", async () => {
  const script =
    "yes 'get 1 bamboo' | head -3000 | $EMPG play textcraft --json --actions - | (sleep 1; wc -c)";
  const { out, notes } = await spawn(script);
  expect(notes).toBe("");
  expect(Number(out)).toBeGreaterThan(200_000);
});

test("actions and hands-on play read standard input", async () => {
  const solution = "printf 'get 2 bamboo\\ncraft 1 stick using 2 bamboo\\n' |";
  const replayed = await spawn(`${solution} $EMPG play textcraft --task stick --actions - --json`);
  expect(JSON.parse(replayed.out)).toMatchObject({ success: true, return: 1 });
  const played = await spawn(`${solution} $EMPG play textcraft --task stick`);
  expect(played.code).toBe(0);
  expect(played.out).toEndWith("solved after 2 actions, return 1\n");
});

test("notes that find no room end nothing", async () => {
  using temporary = new TemporaryDirectory();
  const file = temporary.file("empg.toml");
  expect((await spawn(`$EMPG init ${file} 2>/dev/full`)).code).toBe(0);
  expect(await Bun.file(file).text()).toContain("[run]");
});
