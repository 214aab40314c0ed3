import { UserError } from "../core/errors.ts";
import type { RunConfig } from "./config.ts";

/**
 * The schema is that of every release; this one refuses what it does not do yet, rather than pass over it.
 * @throws UserError naming the key
 */
export function requireSupported({ rollout }: RunConfig): void {
  if (rollout.history !== "full") {
    throw new UserError(`rollout.history: found ${rollout.history}, this release knows "full"`);
  }
}
