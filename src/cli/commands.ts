/** The commands by name, in the order of the usage text. Each is loaded only when it is needed. */

import type { AnyCommand } from "./command.ts";

type Load = () => Promise<{ readonly command: AnyCommand }>;

export const COMMANDS: Readonly<Record<string, Load>> = {
  init: () => import("./commands/init.ts"),
  train: () => import("./commands/train.ts"),
  play: () => import("./commands/play.ts"),
  envs: () => import("./commands/envs.ts"),
};
