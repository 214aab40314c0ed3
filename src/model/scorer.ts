import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { type Activations, allocateActivations } from "./activations.ts";
import { forwardPacked } from "./forward.ts";
import { allocateHead, chunkOf, type Head, headForward } from "./head.ts";
import type { Model } from "./model.ts";
import { packGroups } from "./packing.ts";

/** What the model says of a sequence; entry j belongs to token j + 1 and is computed from tokens 0..j. */
export interface Scores {
  /** ln p of the token, nats. */
  readonly logProbs: readonly number[];
  /** Entropy of the distribution that the token is from, nats. */
  readonly entropies: readonly number[];
}

/** Forward passes over whole sequences, up to `capacity` tokens at once: no gradients, no cache. */
export class Scorer {
  readonly #gpu: Gpu;
  readonly #model: Model;
  readonly #activations: Activations;
  readonly #head: Head;

  constructor(gpu: Gpu, scope: Scope, model: Model, capacity: number) {
    this.#gpu = gpu;
    this.#model = model;
    const rank = model.adapter?.config.rank ?? 0;
    this.#activations = allocateActivations(scope, model.config, {
      capacity,
      keep: "nothing",
      rank,
    });
    this.#head = allocateHead(scope, model.config, capacity);
  }

  /** @param sequences at most `capacity` tokens together, and at least one in each */
  async score(sequences: readonly (readonly number[])[], temperature: number): Promise<Scores[]> {
    const gpu = this.#gpu;
    const a = this.#activations;
    const head = this.#head;
    const packed = packGroups(sequences.map((ids) => ({ prefix: [], members: [ids] })));
    const rows = sequences.flatMap((ids, s) => {
      const start = packed.starts[s]![0]!;
      return Array.from({ length: ids.length - 1 }, (_, j) => start + j);
    });
    if (rows.length === 0) return sequences.map(() => ({ logProbs: [], entropies: [] }));
    gpu.write(a.tokens, packed.tokens);
    gpu.write(a.positions, packed.positions);
    gpu.write(a.tiles, packed.tiles);
    gpu.write(head.rows, Uint32Array.from(rows));
    gpu.write(head.targets, Uint32Array.from(sequences.flatMap((ids) => ids.slice(1))));
    gpu.submit((pass) => {
      forwardPacked(pass, this.#model, a, packed);
      headForward(pass, this.#model, a.output, head, { count: rows.length, temperature });
    });
    const all = { start: 0, count: rows.length };
    const columns = [chunkOf(head.logProb, all), chunkOf(head.entropy, all)];
    const [logProb, entropy] = await gpu.readAll(columns);
    let at = 0;
    return sequences.map((ids) => {
      const begin = at;
      at += ids.length - 1;
      return {
        logProbs: Array.from(logProb!.subarray(begin, at)),
        entropies: Array.from(entropy!.subarray(begin, at)),
      };
    });
  }
}
