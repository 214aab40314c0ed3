import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { lockFile } from "../core/file-lock.ts";
import { unreadable } from "../core/text-file.ts";
import type { WrittenRows } from "../report/run-end.ts";

type RowFile = "metrics.jsonl" | "eval.jsonl" | "collapse.jsonl";
type Row = Readonly<Record<string, unknown>>;

/** Where a run stands, as far as its files depend on it. */
interface Place {
  readonly iteration: number;
  readonly evaluationsDue: boolean;
  readonly rollbacks: number;
}

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
      writeWhole(join(path, CONFIG), config);
    } catch (error) {
      if (existsSync(path)) rmSync(path, { recursive: true });
      throw unreadable(path, error, "write");
    }
    return new RunDirectory(path);
  }

  /** Opens a run that was begun. @throws UserError where there is none */
  static open(path: string): { directory: RunDirectory; config: string } {
    const file = join(path, CONFIG);
    if (!existsSync(file)) {
      throw new UserError(`${path}: no run to resume: config.toml is missing`);
    }
    const config = readFileSync(file, "utf8");
    // The resolved configuration has every section: one without them is not what the run began with.
    if (!/^\[run\]/m.test(config) || !/^\[report\]/m.test(config)) {
      const problem = `${file}: cut off: expected the resolved configuration, with every section`;
      throw new UserError(problem, "begin the run anew in another directory");
    }
    return { directory: new RunDirectory(path), config };
  }

  /** Claims the run for this process. @throws UserError where another one works on it */
  lock(): Disposable {
    const lock = lockFile(join(this.path, LOCK));
    if (lock) return lock;
    throw new UserError(`${this.path}: another process trains in this run directory`);
  }

  /** Replaces the configuration that the run goes on with. */
  configure(config: string): void {
    writeWhole(join(this.path, CONFIG), config);
  }

  /** Removes a run that never began: nothing but its configuration and log is there. */
  discardUnbegun(): void {
    if (holdsOnly(this.path, [CONFIG, LOCK, LOG])) {
      rmSync(this.path, { recursive: true, force: true });
    }
  }

  /** Removes what a process left that was killed before it had written the configuration. */
  static discardUnwritten(path: string): void {
    if (isDirectory(path) && holdsOnly(path, [`${CONFIG}.partial`])) {
      rmSync(path, { recursive: true, force: true });
    }
  }

  append(name: RowFile, row: object): void {
    appendFileSync(join(this.path, name), `${JSON.stringify(row)}\n`);
  }

  log(line: string): void {
    appendFileSync(join(this.path, LOG), `${line}\n`);
  }

  /** Where an iteration's trajectories go. */
  rolloutFile(iteration: number): string {
    mkdirSync(join(this.path, ROLLOUTS), { recursive: true });
    return join(this.path, ROLLOUTS, `${String(iteration).padStart(6, "0")}.jsonl`);
  }

  rows(name: RowFile): Record<string, unknown>[] {
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

  /** What tells whether the run is over. */
  written(): WrittenRows {
    const rows = {
      metrics: this.rows("metrics.jsonl"),
      evaluations: this.rows("eval.jsonl"),
      signals: this.rows("collapse.jsonl"),
    };
    return rows as unknown as WrittenRows;
  }

  /**
   * Forgets what was written after `iteration`, and with `evaluationsDue` the evaluations after it: the
   * run writes them again. What made it go back before, so often as `rollbacks` says, stays written.
   */
  rewind({ iteration, evaluationsDue, rollbacks }: Place): void {
    const evaluatedUpTo = evaluationsDue ? iteration - 1 : iteration;
    const evaluated = ({ iteration: at, beside }: Row) =>
      // What stands beside the first evaluation is measured after the first iteration.
      (at as number) <= evaluatedUpTo && !(evaluatedUpTo === 0 && beside === true);
    const measured = ({ iteration: at }: Row) => (at as number) <= iteration;
    const collapsed = (row: Row) =>
      (row.rollbacks as number) < rollbacks || (row.rollbacks === rollbacks && measured(row));
    for (const [name, keep] of [
      ["metrics.jsonl", measured],
      ["eval.jsonl", evaluated],
      ["collapse.jsonl", collapsed],
    ] as const) {
      if (!existsSync(join(this.path, name))) continue;
      const kept = this.rows(name).filter(keep);
      writeWhole(join(this.path, name), kept.map((row) => `${JSON.stringify(row)}\n`).join(""));
    }
    const rollouts = join(this.path, ROLLOUTS);
    for (const name of existsSync(rollouts) ? readdirSync(rollouts) : []) {
      if (Number.parseInt(name, 10) > iteration) rmSync(join(rollouts, name));
    }
  }
}

const CONFIG = "config.toml";
const LOG = "log.txt";
const LOCK = ".lock";
const ROLLOUTS = "rollouts";

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function holdsOnly(directory: string, names: readonly string[]): boolean {
  return readdirSync(directory).every((name) => names.includes(name));
}

/** A reader finds the old file or the new one, whole, whenever the process ends. */
function writeWhole(path: string, text: string): void {
  const partial = `${path}.partial`;
  writeFileSync(partial, text, { flush: true });
  renameSync(partial, path);
}
