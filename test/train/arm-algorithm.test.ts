import { describe, expect, test } from "bun:test";
import { METHODS } from "../../src/algorithm/methods.ts";
import { armConfig, customArm, methodArm, ownOfArm } from "../../src/train/comparison-arms.ts";
import { resolveConfig } from "../../src/train/config-file.ts";
import { demo } from "../../src/train/demo.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const arm = (config: string, method: string, ...set: string[]) =>
  armConfig({ config, set, token_budget: 100 }, methodArm(method), 0, "test").algorithm;
const usual = (method: string) =>
  resolveConfig("", "test", [`algorithm.method=${method}`]).algorithm;

test("a file with every key written gives each method what is its own", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.file("my.toml");
  expect((await runCli(["init", path])).code).toBe(0);
  const written = await Bun.file(path).text();
  for (const method of METHODS) expect(arm(written, method)).toEqual(usual(method));
  expect(arm(written, "dapo")).toMatchObject({ clip_high: 0.28, uniform_groups: "redraw" });
});

describe("what a file decides holds for all arms", () => {
  test("where it is not what its own method has anyway", () => {
    const decided =
      '[algorithm]\nmethod = "dapo"\nclip_high = 0.25\nclip_low = 0.2\nkl_coefficient = 0.02\n';
    expect(arm(decided, "grpo")).toEqual({
      ...usual("grpo"),
      clip_high: 0.25,
      kl_coefficient: 0.02,
    } as never);
    expect(arm(decided, "dapo")).toMatchObject({ clip_high: 0.25, kl_coefficient: 0.02 });
  });

  test("but leaving out uniform groups is for methods that compare groups and do not redraw", () => {
    const asked = ["grpo", "dapo", "ppo", "rloo", "reinforce"].map(
      (method) => arm(demo, method).uniform_groups,
    );
    expect(asked).toEqual(["drop", "redraw", "keep", "drop", "keep"]);
    expect(arm(demo, "dapo", "algorithm.uniform_groups=drop").uniform_groups).toBe("drop");
  });

  test("an unknown key is refused by name, whatever the method", () => {
    expect(() => arm("[algorithm]\nclip_lo = 0.1", "rloo")).toThrow("clip_lo");
  });
});

test("what is an arm's own against the file is told", () => {
  const own = (config: string, name: string) => ownOfArm({ config }, methodArm(name), "test");
  expect(own(demo, "dapo+empg")).toEqual(["uniform_groups redraw"]);
  expect(own(demo, "grpo")).toEqual([]);
  expect(own("[algorithm]\nclip_high = 0.2", "dapo")).toEqual(["clip_high 0.28"]);
  expect(ownOfArm({ config: demo }, customArm("x=grpo,algorithm.clip_high=0.3"), "test")).toEqual(
    [],
  );
});
