import type { SequenceGroup } from "../model/packing.ts";
import type { Step } from "./trajectory.ts";

/** One stretch of tokens that is trained on together. */
export interface MemberSequence {
  readonly ids: readonly number[];
  /** For each id, the step of its trajectory that sampled it; −1 for prompt and observation tokens. */
  readonly steps: readonly number[];
  /** Index of its trajectory. */
  readonly trajectory: number;
}

/** Sequences that share a prefix, with what each token is. */
export interface TrainingGroup {
  readonly prefix: readonly number[];
  readonly members: readonly MemberSequence[];
}

/** What of a trajectory is trained on. */
export interface Conversation {
  readonly steps: readonly Pick<Step, "context" | "prompt_tokens" | "tokens">[];
}

/**
 * The token sequences of trajectories, as they were sampled. Neighbouring trajectories with the same
 * opening share it as their prefix, all but its last token, which stays with each member: its row
 * predicts that member's own first token. A step whose context is `fresh` is a sequence by itself.
 */
export function trainingGroups(trajectories: readonly Conversation[]): TrainingGroup[] {
  const groups: { prefix: readonly number[]; members: MemberSequence[]; key: string }[] = [];
  trajectories.forEach((trajectory, index) => {
    for (const { prompt, ids, steps } of sequencesOf(trajectory)) {
      const prefix = prompt.slice(0, -1);
      const own = prompt.slice(-1);
      const member = {
        ids: [...own, ...ids],
        steps: [...own.map(() => -1), ...steps],
        trajectory: index,
      };
      const key = prefix.join(" ");
      const last = groups.at(-1);
      if (last?.key === key && prefix.length > 0) last.members.push(member);
      else groups.push({ prefix, members: [member], key });
    }
  });
  return groups.map(({ prefix, members }) => ({ prefix, members }));
}

function sequencesOf({ steps }: Conversation) {
  const sequences: { prompt: readonly number[]; ids: number[]; steps: number[] }[] = [];
  steps.forEach((step, index) => {
    const open = sequences.at(-1);
    if (step.context === "fresh" || !open) {
      sequences.push({
        prompt: step.prompt_tokens,
        ids: [...step.tokens],
        steps: step.tokens.map(() => index),
      });
      return;
    }
    open.ids.push(...step.prompt_tokens, ...step.tokens);
    open.steps.push(...step.prompt_tokens.map(() => -1), ...step.tokens.map(() => index));
  });
  return sequences;
}

/** Rows of one group in a packed batch. */
export function rowsOf({ prefix, members }: TrainingGroup): number {
  return members.reduce((sum, { ids }) => sum + ids.length, prefix.length);
}

/**
 * Cuts groups into micro-batches of at most `capacity` rows, in order; a group that does not fit is
 * split between its members, each part with the prefix.
 */
export function microBatches(
  groups: readonly TrainingGroup[],
  capacity: number,
): TrainingGroup[][] {
  const batches: TrainingGroup[][] = [];
  let room = 0;
  const place = (group: TrainingGroup) => {
    const rows = rowsOf(group);
    if (rows > room || batches.length === 0) {
      batches.push([]);
      room = capacity;
    }
    batches.at(-1)!.push(group);
    room -= rows;
  };
  for (const group of groups) {
    if (rowsOf(group) <= capacity) {
      place(group);
      continue;
    }
    let part: MemberSequence[] = [];
    for (const member of group.members) {
      if (part.length > 0 && rowsOf({ ...group, members: [...part, member] }) > capacity) {
        place({ prefix: group.prefix, members: part });
        part = [];
      }
      part.push(member);
    }
    if (part.length > 0) place({ prefix: group.prefix, members: part });
  }
  return batches;
}

/** The longest single sequence, prefix included: what a micro-batch must hold. */
export function longestSequence(groups: readonly TrainingGroup[]): number {
  return groups.reduce(
    (longest, { prefix, members }) =>
      members.reduce((most, { ids }) => Math.max(most, prefix.length + ids.length), longest),
    0,
  );
}

/** The ids alone, as the packer takes them. */
export function idsOf(groups: readonly TrainingGroup[]): SequenceGroup[] {
  return groups.map(({ prefix, members }) => ({
    prefix,
    members: members.map(({ ids }) => ids),
  }));
}
