import { UserError } from "../core/errors.ts";
import type { RunConfig } from "./config.ts";

/**
 * The schema is that of every release; this one refuses what it does not do yet, rather than pass over it.
 * @throws UserError naming the key
 */
export function requireSupported({ model }: RunConfig): void {
  if (model.lora) {
    throw new UserError("model.lora: this release trains all weights", "leave the table out");
  }
}
