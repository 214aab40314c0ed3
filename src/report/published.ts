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
    title: "Qwen2.5-7B, in an article on the method",
    head: ["method", "WebShop", "ALFWorld"],
    rows: [
      ["GRPO", "68.1", "59.3"],
      ["DAPO", "73.2", "64.5"],
      ["EMPG", "82.7", "73.8"],
    ],
  },
];

/** How those runs were set, and the configuration keys that say it of other runs. */
export const PUBLISHED_SETTING: readonly {
  readonly name: string;
  readonly published: string;
  readonly keys: readonly string[];
}[] = [
  { name: "model", published: "Qwen2.5, 1.5B to 32B", keys: ["model.path"] },
  { name: "world", published: "ALFWorld, WebShop, Deep Search", keys: ["env.name"] },
  {
    name: "tasks × rollouts per iteration",
    published: "16 × 8",
    keys: ["rollout.tasks_per_iteration", "rollout.group_size"],
  },
  { name: "iterations, at most", published: "150", keys: ["train.iterations"] },
  { name: "learning rate", published: "1e-6", keys: ["optimizer.learning_rate"] },
  { name: "KL coefficient", published: "0.01", keys: ["algorithm.kl_coefficient"] },
  { name: "temperature of rollouts", published: "1.0", keys: ["rollout.temperature"] },
  { name: "temperature of evaluations", published: "0.4", keys: ["eval.temperature"] },
  { name: "turns, at most", published: "50 (ALFWorld), 15 (WebShop)", keys: ["env.max_turns"] },
  { name: "tokens per turn, at most", published: "512", keys: ["rollout.max_tokens_per_turn"] },
  {
    name: "penalty of an invalid action",
    published: "0.1",
    keys: ["env.invalid_action_penalty"],
  },
];
