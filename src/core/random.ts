/**
 * Chance with an address: every draw comes from a seed named by where it is used, so any single
 * episode can be replayed alone and no draw depends on the order in which others were made.
 *
 *     const random = randomFrom(seedFor(run.seed, "rollout", iteration, task, member));
 *
 * The hash is MurmurHash3's (Appleby, public domain) over the path's words; the generator is sfc32
 * (Doty-Humphrey, PractRand), period at least 2³² from every seed.
 */

/** A deterministic generator; two made from one seed give the same draws. */
export interface Random {
  /** A number in [0, 1) with 53 random bits. */
  uniform(): number;
  /** A whole number in [0, n); n must be a positive safe integer. */
  integer(n: number): number;
  /** The same elements in a new array, every order equally likely. */
  shuffle<T>(items: readonly T[]): T[];
  /** k different positions' elements in random order; all of them, shuffled, when k is larger. */
  sample<T>(items: readonly T[], k: number): T[];
}

/** One round of MurmurHash3: folds a 32-bit word into a 32-bit state. */
function fold(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = state ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finaliser: every input bit reaches every output bit. */
function finish(state: number): number {
  let h = state ^ (state >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const wide = new DataView(new ArrayBuffer(8));

function foldNumber(state: number, value: number): number {
  wide.setFloat64(0, value === 0 ? 0 : value);
  return fold(fold(fold(state, 1), wide.getInt32(0)), wide.getInt32(4));
}

function foldString(state: number, text: string): number {
  let h = fold(fold(state, 2), text.length);
  for (let i = 0; i < text.length; i++) h = fold(h, text.charCodeAt(i));
  return h;
}

/**
 * The 32-bit seed of one place in a run. Equal paths give equal seeds on every machine and in every
 * version; the number 1 and the string "1" are different, and so are ("a", "b") and ("ab").
 */
export function seedFor(run: number, ...path: readonly (string | number)[]): number {
  let h = foldNumber(0x9747b28c, run);
  for (const part of path) h = typeof part === "number" ? foldNumber(h, part) : foldString(h, part);
  return finish(h ^ path.length);
}

/** A generator for a seed (its low 32 bits count). */
export function randomFrom(seed: number): Random {
  let a = finish(fold(0, seed));
  let b = finish(fold(1, seed));
  let c = finish(fold(2, seed));
  let counter = 1;

  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let i = 0; i < 12; i++) next();

  const uniform = () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 2 ** 53;
  const integer = (n: number) => {
    if (!(Number.isSafeInteger(n) && n > 0)) throw new RangeError(`no whole number in [0, ${n})`);
    return Math.floor(uniform() * n);
  };

  /** Fisher-Yates from the front: after k swaps the first k are a random sample in random order. */
  function sample<T>(items: readonly T[], k: number): T[] {
    const pool = [...items];
    const size = Math.min(Math.max(0, k), pool.length);
    for (let i = 0; i < size; i++) {
      const j = i + integer(pool.length - i);
      const swapped = pool[j] as T;
      pool[j] = pool[i] as T;
      pool[i] = swapped;
    }
    pool.length = size;
    return pool;
  }

  return { uniform, integer, sample, shuffle: (items) => sample(items, items.length) };
}
