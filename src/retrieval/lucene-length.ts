/** Document lengths as Lucene keeps them: one byte, exact below 40, then four significant bits. */

/** Lengths below this are kept as they are. */
const EXACT = 24;

/** The byte for a length of `terms` ≥ 0. */
export function lengthCode(terms: number): number {
  if (terms < EXACT) return terms;
  const rest = terms - EXACT;
  const bits = 32 - Math.clz32(rest);
  const code = bits < 4 ? rest : ((rest >>> (bits - 4)) & 7) | ((bits - 3) << 3);
  return EXACT + code;
}

/** The length that a byte stands for: the shortest that has it. */
export function lengthOfCode(byte: number): number {
  if (byte < EXACT) return byte;
  const code = byte - EXACT;
  const shift = (code >> 3) - 1;
  return EXACT + (shift < 0 ? code & 7 : ((code & 7) | 8) * 2 ** shift);
}
