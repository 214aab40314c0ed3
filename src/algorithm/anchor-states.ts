import { ComparedText } from "../core/text-similarity.ts";
import type { StepOutcome } from "./episode-outcome.ts";

/** Something that was done in a state of a group's task. */
export type Visit = Pick<StepOutcome, "state" | "observation">;

/**
 * GiGPO's anchor-state groups (arXiv 2505.10978, section 4.2): the visits of one group that act from the same state.
 *
 * With a similarity below 1 states are told apart by their observations: a visit joins the first cluster whose first
 * member reads alike, and otherwise opens its own. The order of the visits then matters, and so does that of the two texts:
 * as in the published code the visit's is the measure's first and the cluster's its second.
 * @param similarity 1: the same state alone; below: the least Ratcliff/Obershelp ratio of two observations
 * @returns indices of the visits of each cluster, clusters by their first member
 */
export function anchorStates(visits: readonly Visit[], similarity: number): number[][] {
  if (similarity >= 1)
    return [...Map.groupBy(visits.keys(), (index) => visits[index]!.state).values()];
  const clusters: { first: ComparedText; members: number[] }[] = [];
  // What reads the same joins the same cluster: a text is compared once.
  const known = new Map<string, number[]>();
  visits.forEach(({ observation }, index) => {
    const own =
      known.get(observation) ??
      clusters.find(({ first }) => first.isAlike(observation, similarity))?.members;
    if (own) own.push(index);
    else clusters.push({ first: new ComparedText(observation), members: [index] });
    known.set(observation, own ?? clusters.at(-1)!.members);
  });
  return clusters.map(({ members }) => members);
}
