/** The options of commands in which a model plays a world. */

import type { World } from "../env/env.ts";
import { usualFor, usualTokens, usualTokensText, usualTurnsText } from "../env/usual.ts";
import { type Flag, list, number, pairs, text } from "./flags.ts";

/** `"full"` or how many past turns. */
const history: Flag<"full" | number> = {
  placeholder: "full|N",
  help: "past turns that a prompt shows; full: every turn extends one context",
  fallback: "full",
  read: (value) => (value === "full" ? value : /^\d+$/.test(value) ? Number(value) : undefined),
  allowed: '"full" or a whole number ≥ 0',
};

/** How tokens are drawn. */
export const SAMPLING_FLAGS = {
  temperature: number("T", "divides the logits before sampling", { minimum: 0, fallback: 1 }),
  topP: number("P", "sample from the smallest set of tokens with this probability", {
    exclusiveMinimum: 0,
    maximum: 1,
    fallback: 1,
  }),
  topK: number("K", "sample from so many most likely tokens, before --top-p; 0: all", {
    type: "integer",
    minimum: 0,
    fallback: 0,
  }),
} as const;

/** Defaults are those of `[env]` and `[rollout]`. */
export const PLAY_FLAGS = {
  model: text("M", "a model directory, or builtin:NAME"),
  env: text("E", "the environment; `empg envs` lists them"),
  data: text("DIR", "its data directory; absent: the data inside the executable"),
  option: pairs("KEY=VALUE", "a switch of the environment; `empg envs ENV` lists them"),
  ...SAMPLING_FLAGS,
  maxTurns: number("N", `turns after which an episode is cut off (default ${usualTurnsText()})`, {
    type: "integer",
    minimum: 1,
  }),
  maxTokensPerTurn: number("N", `a longer turn is cut off (default ${usualTokensText()})`, {
    type: "integer",
    minimum: 1,
  }),
  history,
  stop: list("TEXT", "ends a turn and stays in it; absent: what the environment's format says"),
  rows: number("N", "episodes that run side by side; changes no result", {
    type: "integer",
    minimum: 1,
    fallback: 64,
  }),
} as const;

/** What the caller asks for; where they do not say, what is usual for the world and its format. */
export function usualLimits(
  { name, format }: World,
  given: { readonly maxTurns: number | undefined; readonly maxTokensPerTurn: number | undefined },
): { maxTurns: number; maxTokensPerTurn: number } {
  return {
    maxTurns: given.maxTurns ?? usualFor(name).turns,
    maxTokensPerTurn: given.maxTokensPerTurn ?? usualTokens(name, format.name),
  };
}
