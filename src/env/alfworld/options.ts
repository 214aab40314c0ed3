import { choice, names } from "../../core/declared.ts";
import { KINDS } from "./quest.ts";

export const OPTIONS = {
  format: choice(
    ["compact", "text"],
    "how the agent reads and writes: compact for small word-level models, text as in verl-agent",
    { fallback: "compact" },
  ),
  reward: choice(["1", "10"], "of a success; verl-agent has 10", { fallback: "1" }),
  goals: choice(
    ["templated", "human"],
    "how a goal is told; human (real games only): one of the people's descriptions, drawn by the seed",
    { fallback: "templated" },
  ),
  kinds: names("KIND,…", `only tasks of these kinds: ${KINDS.join(", ")}`, KINDS),
};
