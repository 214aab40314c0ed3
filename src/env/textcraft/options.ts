import { choice, number } from "../../core/declared.ts";

const wholeNumber = { type: "integer", minimum: 0 } as const;

export const OPTIONS = {
  format: choice(
    ["compact", "text"],
    "how the agent reads and writes: compact for small word-level models, text for language models",
    { fallback: "compact" },
  ),
  distractors: number("N", "recipes on show beside those that the goal may need", {
    ...{ ...wholeNumber, fallback: 10 },
  }),
  minSolutionTurns: number("N", "only goals whose shortest solution has so many turns", {
    ...{ ...wholeNumber, fallback: 0 },
  }),
  maxSolutionTurns: number("N", "and none that needs more; panels stay whole", wholeNumber),
  reading: choice(
    ["sorted", "published"],
    "order of recipes that craft one thing: by file name, or first those that published problems show",
    { fallback: "sorted" },
  ),
};
