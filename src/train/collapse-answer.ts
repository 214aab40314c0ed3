import type { FoundCheckpoint } from "./checkpoint.ts";
import type { CollapseOptions, Signal } from "./collapse.ts";
import type { RunConfig } from "./config.ts";
import { goodCheckpoint, type Rewound, rollBack } from "./rollback.ts";

/** What a configuration says of collapse. */
export function collapseOptions({
  train,
  algorithm,
  optimizer,
  rollout,
}: RunConfig): CollapseOptions {
  return {
    ...train.collapse,
    klMeasured: algorithm.kl_coefficient > 0,
    maxGradNorm: optimizer.max_grad_norm,
    maxTokensPerTurn: rollout.max_tokens_per_turn,
  };
}

type Action = RunConfig["train"]["on_collapse"];

/** A line of collapse.jsonl. */
interface CollapseRow extends Pick<Signal, "signal" | "value" | "limit"> {
  readonly iteration: number;
  readonly action: Action;
  /** How often the run had gone back before. */
  readonly rollbacks: number;
  /** Generated so far: those of the iterations that a rollback undoes stay spent. */
  readonly tokens: number;
  /** The iteration that it goes back to. */
  readonly back_to?: number;
  /** It was to go back, and there is nothing to go back to: the run ends here, as often as it is continued. */
  readonly no_checkpoint?: true;
}

/**
 * Does what `train.on_collapse` says about the signals of an iteration. New ones are written down and told, and
 * so is every one that ends the run or sends it back. Nothing finite can be expected of updates that are not: a
 * warning would be the last.
 */
export async function answerCollapse(
  run: Rewound & { readonly note: (line: string) => void },
  iteration: number,
  signals: readonly Signal[],
): Promise<"go on" | "stop" | "rolled back"> {
  const { config, state, directory, note } = run;
  const { on_collapse, collapse } = config.train;
  const { rollbacks, tokens } = state;
  if (signals.length === 0) return "go on";
  const since = Math.min(...signals.map((signal) => signal.since));
  const exhausted = rollbacks >= collapse.max_rollbacks;
  const mayGoBack = on_collapse === "rollback" && !exhausted;
  const good = mayGoBack ? goodCheckpoint(directory.path, since, config.train) : undefined;
  const actionOn = ({ signal }: Signal): Action => {
    if (on_collapse === "warn") return signal === "not-finite" ? "stop" : "warn";
    return good ? "rollback" : "stop";
  };
  const told = signals.filter((signal) => signal.fresh || actionOn(signal) !== "warn");
  for (const signal of told) {
    const { signal: name, value, limit } = signal;
    const action = actionOn(signal);
    const back = good
      ? { back_to: good.iteration }
      : mayGoBack
        ? ({ no_checkpoint: true } as const)
        : {};
    const measured = { signal: name, value, limit };
    const row: CollapseRow = { iteration, ...measured, action, rollbacks, tokens, ...back };
    directory.append("collapse.jsonl", row);
    note(`collapse iteration ${iteration}: ${sentence(signal)}: ${action}`);
  }
  if (good) {
    await goBack(run, good);
    return "rolled back";
  }
  if (on_collapse === "rollback") {
    const why = exhausted
      ? `the run has gone back ${rollbacks} times`
      : `there is no checkpoint from before iteration ${since}`;
    note(`no rollback: ${why}`);
  }
  return signals.some((signal) => actionOn(signal) === "stop") ? "stop" : "go on";
}

async function goBack(
  run: Rewound & { readonly note: (line: string) => void },
  good: FoundCheckpoint,
): Promise<void> {
  for (const line of good.notes) run.note(line);
  await rollBack(run, good);
  const { state, config, note } = run;
  const { rollbacks, rateFactor, iteration } = state;
  note(
    `rolled back to iteration ${iteration}, ${rollbacks} of ${config.train.collapse.max_rollbacks} times; ` +
      `the learning rate is ${short(rateFactor)} of what it was`,
  );
}

/** A signal in words, with what was measured. */
function sentence({ signal, value, limit }: Signal): string {
  if (value === null || limit === null) return `${signal}, weights or logits are no numbers`;
  const below =
    signal === "success-drop" || signal === "valid-actions" || signal === "entropy-floor";
  const relation = below ? "below" : "past";
  return `${signal}, ${short(value)} is ${relation} ${short(limit)}`;
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
