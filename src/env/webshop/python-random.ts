/**
 * Python's `random.Random` as far as the original shop draws from it, so that prices, limits and the order
 * of goals come out as there: MT19937 (Matsumoto and Nishimura, 1998), seeded by a whole number.
 */
const WORDS = 624;
const SHIFT = 397;

export class PythonRandom {
  readonly #state = new Uint32Array(WORDS);
  #at = WORDS;

  /** @param seed a whole number in [0, 2³²) */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = 19_650_218;
    for (let i = 1; i < WORDS; i++) state[i] = Math.imul(1_812_433_253, mixed(state, i)) + i;
    let i = 1;
    for (let k = 0; k < WORDS; k++) {
      state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1_664_525)) + seed;
      if (++i === WORDS) i = wrap(state);
    }
    for (let k = 1; k < WORDS; k++) {
      state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1_566_083_941)) - i;
      if (++i === WORDS) i = wrap(state);
    }
    state[0] = 0x80000000;
  }

  /** `random()`: a number in [0, 1) with 53 random bits. */
  random(): number {
    const high = this.#next() >>> 5;
    return (high * 0x4000000 + (this.#next() >>> 6)) / 2 ** 53;
  }

  /** `uniform(a, b)` */
  uniform(a: number, b: number): number {
    return a + (b - a) * this.random();
  }

  /** `sample(items, 2)` of fewer than 22 items: there Python swaps within a copy. */
  pair<T>(items: readonly T[]): [T, T] {
    const pool = [...items];
    const first = this.#below(pool.length);
    const one = pool[first] as T;
    pool[first] = pool[pool.length - 1] as T;
    return [one, pool[this.#below(pool.length - 1)] as T];
  }

  /** `shuffle(items)`, in place. */
  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const swapped = items[i] as T;
      items[i] = items[j] as T;
      items[j] = swapped;
    }
  }

  #below(n: number): number {
    const unused = Math.clz32(n);
    let drawn = this.#next() >>> unused;
    while (drawn >= n) drawn = this.#next() >>> unused;
    return drawn;
  }

  #next(): number {
    if (this.#at === WORDS) this.#refill();
    let y = this.#state[this.#at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < WORDS; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % WORDS]! & 0x7fffffff);
      state[i] = state[(i + SHIFT) % WORDS]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}

function mixed(state: Uint32Array, i: number): number {
  return state[i - 1]! ^ (state[i - 1]! >>> 30);
}

function wrap(state: Uint32Array): number {
  state[0] = state[WORDS - 1]!;
  return 1;
}
