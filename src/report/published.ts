/** Success that the paper and later work report, in %; means of three seeds where nothing else is said. */

export interface PublishedTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const PUBLISHED: readonly PublishedTable[] = [
  {
    title: "ALFWorld and WebShop (arXiv 2509.09265, as quoted by later work)",
    head: ["model and method", "ALFWorld", "with EMPG", "WebShop", "with EMPG"],
    rows: [
      ["Qwen2.5-1.5B, GRPO", "65.6", "73.7", "58.2", "60.8"],
      ["Qwen2.5-1.5B, DAPO", "80.8", "88.1", "73.2", "73.8"],
      ["Qwen2.5-7B, GRPO", "74.8", "78.5", "65.6", "69.3"],
      ["Qwen2.5-7B, DAPO", "90.0", "91.6", "79.6", "82.7"],
    ],
  },
  {
    title: "Deep Search, Qwen2.5-32B",
    head: ["method", "in domain", "out of domain", "all"],
    rows: [
      ["DAPO", "63.5", "59.8", "62.0"],
      ["scaling only", "63.7", "63.7", "63.7"],
      ["clarity only", "66.1", "61.4", "64.2"],
      ["both (EMPG)", "66.6", "63.7", "65.3"],
    ],
  },
  {
    title: "Qwen2.5-7B, as an article on the method gives them",
    head: ["method", "WebShop", "ALFWorld"],
    rows: [
      ["GRPO", "68.1", "59.3"],
      ["DAPO", "73.2", "64.5"],
      ["EMPG", "82.7", "73.8"],
    ],
  },
];

export const PUBLISHED_SETTING =
  "Published setting: 16 tasks × 8 rollouts per iteration, 150 iterations, learning rate 1e-6, KL 0.01, " +
  "rollout temperature 1.0, evaluation temperature 0.4, at most 50 (ALFWorld) and 15 (WebShop) turns, 512 " +
  "tokens per turn, invalid action −0.1. The article also claims about 30 % fewer retries with the clarity " +
  "bonus. Other models, other worlds, other code: these figures are shown for " +
  "reading along, and cannot be compared with the ones above.";
