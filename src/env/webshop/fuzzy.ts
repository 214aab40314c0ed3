/** How alike two texts are, from 0 to 100: `token_set_ratio` of thefuzz 0.19. */
import { matchingCharacters } from "./sequence-matcher.ts";

/** Two texts above this are taken for the same. */
const ALIKE = 85;
const REMEMBERED = 1 << 16;
const remembered = new Map<string, boolean>();

export function areAlike(first: string, second: string): boolean {
  const key = `${first.length} ${first}${second}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const alike = fuzzyScore(first, second) > ALIKE;
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(key, alike);
  return alike;
}

export function fuzzyScore(first: string, second: string): number {
  const [one, other] = [wordsOf(first), wordsOf(second)];
  if (one.size === 0 || other.size === 0) return 0;
  const common = joined([...one].filter((word) => other.has(word)));
  const left = joined([...one].filter((word) => !other.has(word)));
  const right = joined([...other].filter((word) => !one.has(word)));
  const both = (rest: string) => (common && rest ? `${common} ${rest}` : common + rest);
  const [a, b] = [both(left), both(right)];
  return Math.max(ratio(common, a), ratio(common, b), ratio(a, b));
}

function wordsOf(text: string): Set<string> {
  const plain = text.replace(/[\u0080-\u00ff]/g, "").replace(/[^\p{L}\p{N}_]/gu, " ");
  return new Set(plain.toLowerCase().split(/\s+/).filter(Boolean));
}

/** In the order of code points. */
function joined(words: readonly string[]): string {
  const byCodePoint = (a: string, b: string) => {
    const [one, other] = [[...a], [...b]];
    const at = one.findIndex((character, i) => character !== other[i]);
    if (at < 0) return one.length - other.length;
    return (one[at]?.codePointAt(0) ?? -1) - (other[at]?.codePointAt(0) ?? -1);
  };
  return [...words].sort(byCodePoint).join(" ");
}

function ratio(first: string, second: string): number {
  if (first === second) return 100;
  if (first === "" || second === "") return 0;
  const [one, other] = [[...first], [...second]];
  const share = (2 * matchingCharacters(one, other)) / (one.length + other.length);
  return roundHalfEven(100 * share);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
