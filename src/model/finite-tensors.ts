import { BrokenPolicyError } from "./broken-policy.ts";
import type { NamedTensor } from "./tensor-source.ts";

/** The first element that is NaN or infinite; -1 when all are finite. */
export function firstNonFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Tensors whose numbers are looked at on their way: reading one that is not finite throws a BrokenPolicyError. */
export function finiteTensors(tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors.map(({ name, shape, pieces }) => ({
    name,
    shape,
    async *pieces() {
      let start = 0;
      for await (const values of pieces()) {
        const at = firstNonFinite(values);
        if (at >= 0) {
          const found = `"${name}" holds ${values[at]} at element ${start + at}`;
          throw new BrokenPolicyError(`not written: ${found}`);
        }
        start += values.length;
        yield values;
      }
    },
  }));
}
