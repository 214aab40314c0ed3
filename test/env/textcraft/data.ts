import { existsSync } from "node:fs";
import { join } from "node:path";

/** The published data, beside the repository; tests that need it skip without it. */
export const DATA = join(import.meta.dir, "../../../../shared/data/textcraft");
export const HAS_DATA = existsSync(join(DATA, "recipes.json"));

if (!HAS_DATA) console.log(`skipping tests on published TextCraft data: no ${DATA}`);

export interface RecordedProblem {
  readonly id: number;
  readonly goal: string;
  readonly commands: readonly string[];
  readonly trace: string;
}

export async function recordedProblems(): Promise<readonly RecordedProblem[]> {
  return await Bun.file(join(DATA, "problems-adapt200.json")).json();
}
