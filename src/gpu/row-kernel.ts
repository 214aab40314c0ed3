import reduceNarrow from "../../shaders/lib/reduce.software.wgsl" with { type: "text" };
import reduceWide from "../../shaders/lib/reduce.wgsl" with { type: "text" };
import { invariant } from "../core/errors.ts";
import type { Form, ParamSpec } from "./kernel.ts";

/** Threads of a wide row kernel. */
const WIDE_LANES = 256;
/** The workgroup size that element kernels declare. */
const ELEMENT_LANES = 64;
/** The workgroup size that column kernels declare: small, since columns are few and each takes long. */
const COLUMN_LANES = 8;

/**
 * Both forms of a kernel in which one workgroup of LANES threads owns one row: the same WGSL, with
 * `reduce_sum`, `reduce_max` and `reduce_argmax` over a workgroup on a GPU, and over one subgroup, without
 * barriers, on a software adapter.
 * @param rows the parameter that counts the rows, or a fixed number of them
 */
export function rowForms(
  source: string,
  rows: string | number,
  lib: readonly string[] = [],
): { gpu: Form<ParamSpec>; software: Form<ParamSpec> } {
  const workgroups = (params: Params) => [typeof rows === "number" ? rows : count(params, rows)];
  return {
    gpu: { source, lib: [reduceWide, ...lib], workgroups, constants: { LANES: WIDE_LANES } },
    software: { source, lib: [reduceNarrow, ...lib], workgroups, constants: { LANES: "subgroup" } },
  };
}

/** The form of a kernel in which every thread owns one element: as many as the product of `sizes`. */
export function elementForm(
  source: string,
  sizes: readonly string[],
  lib: readonly string[] = [],
): Form<ParamSpec> {
  const total = (params: Params) =>
    sizes.reduce((product, size) => product * count(params, size), 1);
  return { source, lib, workgroups: (params) => [Math.ceil(total(params) / ELEMENT_LANES)] };
}

/** The form of a kernel in which every thread sums one of `columns` columns. */
export function columnForm(source: string, columns: string): Form<ParamSpec> {
  return { source, workgroups: (params) => [Math.ceil(count(params, columns) / COLUMN_LANES)] };
}

type Params = Readonly<Record<string, number>>;

function count(params: Params, name: string): number {
  const value = params[name];
  invariant(value !== undefined, `no parameter "${name}"`);
  return value;
}
