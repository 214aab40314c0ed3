import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { unreadable } from "../core/text-file.ts";

/** The files of a run beside its checkpoints. Everything is appended, and cut back on resume. */
export class RunDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a new run directory with its resolved configuration. @throws UserError where one exists or none can be made */
  static create(path: string, config: string): RunDirectory {
    if (existsSync(path)) {
      throw new UserError(
        `${path}: exists already`,
        `continue that run with --resume ${path}, or name another directory with --out`,
      );
    }
    try {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "config.toml"), config);
    } catch (error) {
      throw unreadable(path, error, "write");
    }
    return new RunDirectory(path);
  }

  /** Opens a run that was begun. @throws UserError where there is none */
  static open(path: string): { directory: RunDirectory; config: string } {
    const file = join(path, "config.toml");
    if (!existsSync(file)) {
      throw new UserError(`${path}: no run to resume: config.toml is missing`);
    }
    return { directory: new RunDirectory(path), config: readFileSync(file, "utf8") };
  }

  append(name: "metrics.jsonl" | "eval.jsonl", row: object): void {
    appendFileSync(join(this.path, name), `${JSON.stringify(row)}\n`);
  }

  log(line: string): void {
    appendFileSync(join(this.path, "log.txt"), `${line}\n`);
  }

  /** Where an iteration's trajectories go. */
  rolloutFile(iteration: number): string {
    mkdirSync(join(this.path, "rollouts"), { recursive: true });
    return join(this.path, "rollouts", `${String(iteration).padStart(6, "0")}.jsonl`);
  }

  rows(name: "metrics.jsonl" | "eval.jsonl"): Record<string, unknown>[] {
    const file = join(this.path, name);
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => {
        // The last line may be half written where the process was killed.
        try {
          return line ? [JSON.parse(line) as Record<string, unknown>] : [];
        } catch {
          return [];
        }
      });
  }

  /** Forgets what was written after `iteration`: the resumed run writes it again. */
  rewind(iteration: number): void {
    for (const name of ["metrics.jsonl", "eval.jsonl"] as const) {
      const kept = this.rows(name).filter((row) => (row.iteration as number) <= iteration);
      const text = kept.map((row) => `${JSON.stringify(row)}\n`).join("");
      if (existsSync(join(this.path, name)) || text) writeFileSync(join(this.path, name), text);
    }
  }
}
