/** What stored trajectories must have for a method, and for the bonus, to say anything. */

import { UserError } from "../core/errors.ts";
import { comparesGroups, type MethodName } from "./methods.ts";

/**
 * A method that compares the episodes of a group needs groups of two.
 * @param groups the group of each episode
 * @returns a note where some groups have one member; nothing to say otherwise
 * @throws UserError where all have
 */
export function noteLonelyGroups(
  method: MethodName,
  groups: readonly string[],
): string | undefined {
  if (!comparesGroups(method) || groups.length === 0) return undefined;
  const sizes = [...Map.groupBy(groups, (group) => group).values()].map(({ length }) => length);
  const lonely = sizes.filter((size) => size === 1).length;
  if (lonely === 0) return undefined;
  if (lonely === sizes.length) {
    throw new UserError(
      `every group has one episode, but the method "${method}" compares the episodes of a group`,
      "give the episodes of one task the same group; reinforce needs no groups",
    );
  }
  return `${lonely} of ${sizes.length} groups have one episode, with which "${method}" compares nothing`;
}

/** Some step and the one right after it have tokens. @param tokenCounts of each episode's steps */
export function hasSuccessor(tokenCounts: readonly (readonly number[])[]): boolean {
  return tokenCounts.some((counts) =>
    counts.some((count, t) => count > 0 && (counts[t + 1] ?? 0) > 0),
  );
}

export const NO_SUCCESSOR =
  "zeta rewards the clarity of a next step, and no step has one: there is no bonus";
