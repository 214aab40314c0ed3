import type { MemberSequence, TrainingGroup } from "./sequences.ts";

/**
 * Joins neighbouring groups whose prefixes begin alike, where one shorter prefix takes fewer rows than two:
 * the turns of a task, each with a prompt of its own, share instructions and opening. No sequence changes.
 */
export function joinPrompts(groups: readonly TrainingGroup[]): TrainingGroup[] {
  const joined: TrainingGroup[] = [];
  for (const group of groups) {
    const last = joined.at(-1);
    const shared = last === undefined ? 0 : commonLength(last.prefix, group.prefix);
    if (last === undefined || !saves(last, group, shared)) {
      joined.push(group);
      continue;
    }
    const members = [last, group].flatMap((one) => withoutPrefix(one, shared));
    joined[joined.length - 1] = { prefix: last.prefix.slice(0, shared), members };
  }
  return joined;
}

/** Two prefixes take more rows than the shared one with what its members then carry themselves. */
function saves(a: TrainingGroup, b: TrainingGroup, shared: number): boolean {
  const carried = ({ prefix, members }: TrainingGroup) => members.length * (prefix.length - shared);
  return shared + carried(a) + carried(b) < a.prefix.length + b.prefix.length;
}

/** The members as they are behind the first `length` tokens of their prefix. */
function withoutPrefix({ prefix, members }: TrainingGroup, length: number): MemberSequence[] {
  const own = prefix.slice(length);
  return members.map((member) => ({
    ...member,
    ids: [...own, ...member.ids],
    steps: [...own.map(() => -1), ...member.steps],
  }));
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
  return end;
}
