/** A list of tasks has a fingerprint, so that two machines can see that they evaluate the same one. */
import { createHash } from "node:crypto";

/** The first 12 hexadecimal digits of the SHA-256 of the ids in their order, each followed by a newline. */
export function taskListHash(tasks: readonly string[]): string {
  const hash = createHash("sha256");
  for (const task of tasks) hash.update(`${task}\n`);
  return hash.digest("hex").slice(0, 12);
}
