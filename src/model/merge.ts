import type { AdapterFiles } from "./adapter-directory.ts";
import type { ModelConfig } from "./config.ts";
import { adapterTargets, loraScale } from "./lora.ts";
import { fileTensors, type NamedTensor, piecesOf, type TensorSource } from "./tensor-source.ts";

/** A model's tensors as a file holds them, with an adapter added to its targets: W + s·B·A. Computed row by row, on the host. */
export function mergedTensors(
  config: ModelConfig,
  weights: TensorSource,
  adapter: AdapterFiles | undefined,
): NamedTensor[] {
  const tensors = fileTensors(config, weights);
  if (!adapter) return tensors;
  const { rank } = adapter.config;
  const scale = loraScale(adapter.config);
  const targets = new Map(
    adapterTargets(config, adapter.config).map((target) => [target.weight, target]),
  );
  return tensors.map((tensor) => {
    const target = targets.get(tensor.name);
    if (!target) return tensor;
    const { inner, rows } = target;
    return {
      ...tensor,
      *pieces() {
        const a = adapter.weights.read(target.a, 0, rank * inner);
        const b = adapter.weights.read(target.b, 0, rows * rank);
        for (const [from, to] of piecesOf(rows * inner, inner)) {
          const piece = weights.read(tensor.name, from, to);
          for (let at = 0; at < piece.length; at += inner) {
            const row = piece.subarray(at, at + inner);
            addRow(row, b.subarray(((from + at) / inner) * rank), a, { rank, scale });
          }
          yield piece;
        }
      },
    };
  });
}

/** row (inner) += scale · Σ_r b[r]·a[r], summed in double precision. */
function addRow(
  row: Float32Array,
  b: Float32Array,
  a: Float32Array,
  { rank, scale }: { rank: number; scale: number },
): void {
  const inner = row.length;
  const sum = new Float64Array(inner);
  for (let r = 0; r < rank; r++) {
    const factor = scale * b[r]!;
    for (let i = 0; i < inner; i++) sum[i]! += factor * a[r * inner + i]!;
  }
  for (let i = 0; i < inner; i++) row[i]! += sum[i]!;
}
