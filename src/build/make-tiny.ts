/**
 * Makes the built-in model: `bun src/build/make-tiny.ts [--out DIR] [--from-phase 2] [--device NAME]`. Starts
 * from copying weights, trains in phases on erring demonstrations of TextCraft's training goals as `empg sft`
 * does, and writes after each phase the model with record.json: the recipe, the adapter, how long it took and
 * how good the model is. A later phase starts from what the one before it wrote, with a fresh optimizer.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Random, randomFrom, seedFor } from "../core/random.ts";
import { REPLY_WORDS } from "../env/textcraft/format.ts";
import { tokenizerJson } from "../env/textcraft/vocabulary.ts";
import { TextCraft } from "../env/textcraft/world.ts";
import { openGpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { namedTensors } from "../model/arena.ts";
import { writeModelDirectory } from "../model/directory.ts";
import type { NamedTensor } from "../model/tensor-source.ts";
import { demonstrate } from "../rollout/demonstrate.ts";
import { type TrainingGroup, trainingGroups } from "../rollout/sequences.ts";
import { type Evaluation, evaluate } from "../train/evaluate.ts";
import { openCollector, openPolicy, type Policy } from "../train/policy.ts";
import { sftStep } from "../train/sft.ts";
import { openTrainer } from "../train/updater.ts";
import { smallModel, writeUntrained } from "./small-model.ts";

const { values: flags } = parseArgs({
  options: {
    "from-phase": { type: "string", default: "1" },
    device: { type: "string", default: "auto" },
    out: { type: "string", default: "src/model/tiny" },
  },
});
const recipe = {
  seed: 1,
  /** First skill at low noise, then the habits of a careless player, which leave RL something to mend. */
  phases: [
    { steps: 2000, learningRate: 3e-3, warmupSteps: 50, mistakeRate: 0.4 },
    { steps: 160, learningRate: 5e-4, warmupSteps: 10, mistakeRate: 0.75 },
  ],
  tokensPerStep: 1200,
  promptWeight: 0.3,
  demonstrationsPerOpening: 2,
  longestSolution: 10,
  distractors: [2, 3, 4],
  longestOpening: 260,
  /** Share of openings whose item words are consistently exchanged, so that copying is learned, not words. */
  renamed: 0.7,
  maxTurns: 8,
};

const worlds = recipe.distractors.map(
  (distractors) =>
    new TextCraft({
      option: {
        distractors: `${distractors}`,
        max_solution_turns: `${recipe.longestSolution}`,
      },
    }),
);
const model = smallModel(tokenizerJson(worlds[0]!.book), 512);
const { config, tokenizer, tokenizerText } = model;
const itemWords = wordsOfItems();

const gpu = await openGpu(flags.device);
const directory = flags.out;
const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
const firstPhase = Number(flags["from-phase"]);
const done: unknown[] = firstPhase === 1 ? [] : phasesOnRecord();
if (firstPhase === 1) await writeUntrained(directory, model, recipe.seed);
for (const [index, phase] of recipe.phases.entries()) {
  if (index + 1 >= firstPhase) await train(index + 1, phase);
}
gpu.close();

async function train(number: number, phase: (typeof recipe.phases)[number]): Promise<void> {
  using scope = gpu.scope();
  const policy = await openPolicy(gpu, scope, directory);
  const trainer = await openTrainer(gpu, scope, policy, { capacity: 2048, recompute: false });
  const begun = performance.now();
  let seen = 0;
  for (let step = 1; step <= phase.steps; step++) {
    const batch = await demonstrations(number, step, phase.mistakeRate);
    const report = await sftStep(gpu, trainer, batch, step, {
      learningRate: phase.learningRate,
      warmupSteps: phase.warmupSteps,
      totalSteps: phase.steps,
      beta1: 0.9,
      beta2: 0.98,
      weightDecay: 0,
      maxGradNorm: 1,
      promptWeight: recipe.promptWeight,
    });
    seen += report.tokens;
    if (step % 20 === 0 || step === phase.steps) {
      const seconds = (performance.now() - begun) / 1000;
      console.error(
        `phase ${number} step ${step}/${phase.steps} │ loss ${report.agentLoss.toFixed(3)} nats │ ` +
          `${seen} tokens │ ${Math.round(seen / seconds)} tok/s`,
      );
    }
  }
  const minutes = (performance.now() - begun) / 60_000;
  await save(namedTensors(gpu, trainer.trainable.weights));
  const evaluations = await measure(scope, policy);
  done.push({ phase: number, tokens: seen, minutes, evaluations });
  const { description } = gpu.adapter.adapter.info;
  const record = { recipe, adapter: description, phases: done };
  writeFileSync(`${directory}/record.json`, `${JSON.stringify(record, null, 2)}\n`);
}

async function save(tensors: readonly NamedTensor[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await writeModelDirectory(directory, { config, tokenizer: tokenizerText }, tensors, tokens);
}

/** What earlier phases left in the record. */
function phasesOnRecord(): unknown[] {
  return JSON.parse(readFileSync(`${directory}/record.json`, "utf8")).phases;
}

/** Openings with a few demonstrations each, until a step's tokens are reached. */
async function demonstrations(
  phase: number,
  step: number,
  mistakeRate: number,
): Promise<TrainingGroup[]> {
  const random = randomFrom(seedFor(recipe.seed, "demonstrations", phase, step));
  const batch: TrainingGroup[] = [];
  let count = 0;
  while (count < recipe.tokensPerStep) {
    const world = worlds[random.integer(worlds.length)]!;
    const tasks = world.splits.train!;
    const task = tasks[random.integer(tasks.length)]!;
    const openingSeed = random.integer(2 ** 31);
    const trajectories = [];
    for (let i = 0; i < recipe.demonstrationsPerOpening; i++) {
      const mistakes = { rate: mistakeRate, seed: random.integer(2 ** 31) };
      const plan = { name: `${step}`, group: `${step}`, task, openingSeed, mistakes };
      trajectories.push(
        await demonstrate(world, { tokenizer }, { ...plan, maxTurns: recipe.maxTurns }),
      );
    }
    const exchanged = random.uniform() < recipe.renamed ? exchange(random) : undefined;
    for (const group of trainingGroups(trajectories)) {
      if (group.prefix.length > recipe.longestOpening) continue;
      batch.push(exchanged ? renamed(group, exchanged) : group);
      count += group.members.reduce((sum, { ids }) => sum + ids.length, group.prefix.length);
    }
  }
  return batch;
}

function wordsOfItems(): number[] {
  const fixed = ["<pad>", "<unk>", "\n", ",", "get", "craft", "using", "inventory", "goal"];
  const others = new Set([...fixed, ...REPLY_WORDS].map((word) => tokenizer.idOf(word)));
  return Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter(
    (id) => !others.has(id) && !/^\d+$/.test(tokenizer.decode([id])),
  );
}

function exchange(random: Random): ReadonlyMap<number, number> {
  const shuffled = random.shuffle(itemWords);
  return new Map(itemWords.map((id, i) => [id, shuffled[i]!]));
}

function renamed(group: TrainingGroup, to: ReadonlyMap<number, number>): TrainingGroup {
  const rename = (ids: readonly number[]) => ids.map((id) => to.get(id) ?? id);
  return {
    prefix: rename(group.prefix),
    members: group.members.map((member) => ({ ...member, ids: rename(member.ids) })),
  };
}

/** Success as the demo measures it. */
async function measure(scope: Scope, policy: Policy): Promise<Evaluation[]> {
  const world = new TextCraft({
    option: { distractors: "2", min_solution_turns: "2", max_solution_turns: "6" },
  });
  const play = {
    maxTurns: recipe.maxTurns,
    maxTokensPerTurn: 24,
    invalidActionPenalty: 0,
    timeoutMs: 60_000,
    rows: 64,
  };
  const collector = openCollector(gpu, scope, policy, world, play);
  const evaluations: Evaluation[] = [];
  for (const [split, temperature] of [
    ["heldout", 1],
    ["heldout", 0.4],
    ["train", 1],
  ] as const) {
    const options = { split, temperature, episodes: 304, topP: 1, seed: recipe.seed };
    evaluations.push(await evaluate(collector, options));
  }
  return evaluations;
}
