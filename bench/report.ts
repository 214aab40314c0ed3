import { z } from "zod";
import { UserError } from "../src/core/errors.ts";
import { readTextFile } from "../src/core/text-file.ts";
import type { Roofline } from "./roofline.ts";
import type { Failure, Row } from "./suite.ts";

/** What `empg bench --json` prints. */
export interface Report {
  readonly adapter: string;
  readonly roofline: { readonly gb_per_s: number; readonly tflops: number };
  readonly rows: readonly Row[];
  /** Wrong results, not timed; absent when there are none. */
  readonly failures?: readonly Failure[];
  /** How many times faster than the barrier-tiled product empg's is; absent unless both were timed. */
  readonly barrier_ratio?: number;
}

export function makeReport(
  adapter: string,
  { bytesPerSecond, flopsPerSecond }: Roofline,
  results: readonly (Row | Failure)[],
): Report {
  const rows = results.filter((result) => "ms" in result);
  const failures = results.filter((result) => "problem" in result);
  const textbook = rows.find(({ name }) => name === "barrier-matmul");
  const own = rows.find(({ name, shape }) => name === "matmul" && shape === textbook?.shape);
  return {
    adapter,
    roofline: { gb_per_s: bytesPerSecond / 1e9, tflops: flopsPerSecond / 1e12 },
    rows,
    ...(failures.length > 0 ? { failures } : {}),
    ...(textbook && own ? { barrier_ratio: textbook.ms / own.ms } : {}),
  };
}

/** Slower than before by more than noise. */
const SLOWER = 1.15;

export function isSlower(row: Row, was: number | undefined): boolean {
  return was !== undefined && row.ms > SLOWER * was;
}

export type Baseline = ReadonlyMap<string, number>;

export function keyOf({ name, shape }: { readonly name: string; readonly shape: string }): string {
  return `${name} ${shape}`;
}

const Earlier = z.looseObject({
  rows: z.array(z.looseObject({ name: z.string(), shape: z.string(), ms: z.number().positive() })),
});

/**
 * Milliseconds by `keyOf`, from a file that holds an earlier report: `--json`'s output, or the text whose last line it is.
 * @throws UserError when it holds none
 */
export async function readBaseline(path: string): Promise<Baseline> {
  const text = await readTextFile(path);
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const parsed = Earlier.safeParse(parseJson(text) ?? parseJson(last));
  if (!parsed.success) {
    throw new UserError(
      `${path}: no report of empg bench: expected {"rows": [{"name", "shape", "ms", …}]}`,
      "make one with `empg bench --json > FILE`",
    );
  }
  return new Map(parsed.data.rows.map((row) => [keyOf(row), row.ms]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
