/** What to say of a comparison's arms before the first run is made. */

import { noteUngrouped } from "../algorithm/teaching-groups.ts";
import { type Arm, ownOfArm, type Shared } from "./comparison-arms.ts";
import type { RunConfig } from "./config.ts";
import { noteUndivided } from "./scale-note.ts";

/** @param name stands for the shared file in errors */
export function armNotes(shared: Shared, arm: Arm, config: RunConfig, name: string): string[] {
  const own = ownOfArm(shared, arm, name);
  const isOwn =
    own.length > 0 ? `its method's own ${own.join(", ")}; --set is for all arms` : undefined;
  const notes = [isOwn, noteUndivided(config), noteUngrouped(config.algorithm)];
  return notes.flatMap((note) => (note === undefined ? [] : [`arm "${arm.name}": ${note}`]));
}
