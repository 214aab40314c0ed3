/** The commands by name, in the order of the usage text. Each is loaded only when it is needed. */

import type { AnyCommand } from "./command.ts";

type Load = () => Promise<{ readonly command: AnyCommand }>;

export const COMMANDS: Readonly<Record<string, Load>> = {
  doctor: () => import("./commands/doctor.ts"),
  init: () => import("./commands/init.ts"),
  train: () => import("./commands/train.ts"),
  sft: () => import("./commands/sft.ts"),
  compare: () => import("./commands/compare.ts"),
  eval: () => import("./commands/eval.ts"),
  rollout: () => import("./commands/rollout.ts"),
  score: () => import("./commands/score.ts"),
  advantages: () => import("./commands/advantages.ts"),
  update: () => import("./commands/update.ts"),
  chat: () => import("./commands/chat.ts"),
  play: () => import("./commands/play.ts"),
  envs: () => import("./commands/envs.ts"),
  retrieve: () => import("./commands/retrieve.ts"),
  report: () => import("./commands/report.ts"),
  export: () => import("./commands/export.ts"),
  bench: () => import("./commands/bench.ts"),
};
