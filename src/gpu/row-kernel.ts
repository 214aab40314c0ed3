import reduceNarrow from "../../shaders/lib/reduce.software.wgsl" with { type: "text" };
import reduceWide from "../../shaders/lib/reduce.wgsl" with { type: "text" };
import type { Form, ParamSpec, ParamValues } from "./kernel.ts";

/** Threads of a wide row kernel. */
const WIDE_LANES = 256;

/**
 * Both forms of a kernel in which one workgroup of LANES threads owns one row: the same WGSL, with
 * `reduce_sum`, `reduce_max` and `reduce_argmax` over a workgroup on a GPU, and over one subgroup, without
 * barriers, on a software adapter.
 */
export function rowForms<P extends ParamSpec>(
  source: string,
  rows: (params: ParamValues<P>) => number,
  lib: readonly string[] = [],
): { gpu: Form<P>; software: Form<P> } {
  const workgroups = (params: ParamValues<P>) => [rows(params)];
  return {
    gpu: { source, lib: [reduceWide, ...lib], workgroups, constants: { LANES: WIDE_LANES } },
    software: { source, lib: [reduceNarrow, ...lib], workgroups, constants: { LANES: "subgroup" } },
  };
}

/** The form of a kernel in which every thread owns one element. */
export function elementForm<P extends ParamSpec>(
  source: string,
  count: (params: ParamValues<P>) => number,
  lib: readonly string[] = [],
): Form<P> {
  return { source, lib, workgroups: (params) => [Math.ceil(count(params) / ELEMENT_LANES)] };
}

/** The form of a kernel in which every thread sums one column. */
export function columnForm<P extends ParamSpec>(
  source: string,
  columns: (params: ParamValues<P>) => number,
): Form<P> {
  return { source, workgroups: (params) => [Math.ceil(columns(params) / COLUMN_LANES)] };
}

/** The workgroup size that column kernels declare: small, since columns are few and each takes long. */
const COLUMN_LANES = 8;
/** The workgroup size that element kernels declare. */
const ELEMENT_LANES = 64;
