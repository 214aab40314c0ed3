/** Whether a run that a comparison's directory holds is the one that the comparison would make. */

import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { parseToml } from "../core/toml.ts";
import { differences, unlikeness, valueText } from "../report/config-text.ts";
import { isRunDirectory } from "../report/run-files.ts";
import { completedConfig } from "./completed-config.ts";
import type { RunConfig } from "./config.ts";
import { RunDirectory } from "./run-directory.ts";

/**
 * A run that was put there by hand, or begun under other defaults, would be counted for an arm that it is no run of.
 * @param path of the run; one that has not begun is any arm's
 * @param asked what the arm has it be; a device's memory may have decided otherwise
 * @throws UserError naming the run, the key and both values
 */
export function requireOwnRun(path: string, asked: RunConfig): void {
  if (!isRunDirectory(path)) return;
  const file = join(path, "config.toml");
  const found = completedConfig(parseToml(RunDirectory.open(path).config, file));
  const both = [found, completedConfig(asked)];
  const seed = differences(both).find(({ key }) => key === "run.seed");
  const other = seed ?? unlikeness(both)[0];
  if (!other) return;
  const [here, there] = other.values.map((value) =>
    value === undefined ? "absent" : valueText(value),
  );
  throw new UserError(
    `${file}: ${other.key} is ${here}, but ${there} in this comparison: it is another run`,
    "move that run away, and it is made anew; or name another directory with --out",
  );
}
