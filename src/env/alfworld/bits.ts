/** Sets of small numbers in words of 32 bits: element n is bit n mod 32 of word `at` + ⌊n / 32⌋. */

export function includes(words: Uint32Array, at: number, element: number): boolean {
  return (((words[at + (element >>> 5)] as number) >>> (element & 31)) & 1) === 1;
}

export function include(words: Uint32Array, at: number, element: number): void {
  words[at + (element >>> 5)]! |= 1 << (element & 31);
}

export function exclude(words: Uint32Array, at: number, element: number): void {
  words[at + (element >>> 5)]! &= ~(1 << (element & 31));
}

/** The elements of a set of `length` words, smallest first. */
export function members(words: Uint32Array, at: number, length: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < length; i++) {
    for (let rest = words[at + i] as number; rest !== 0; rest &= rest - 1) {
      found.push(32 * i + lowest(rest));
    }
  }
  return found;
}

/** The place of the lowest bit that is set; `bits` is not 0. */
export function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
