/** What a reader of results must know of a list of tasks is said wherever the list is used or shown. */
import type { World } from "./env.ts";

/** Tells a split's caveat, if it has one. */
export function tellCaveat(
  { name, caveats = {} }: World,
  split: string,
  note: (line: string) => void,
): void {
  if (Object.hasOwn(caveats, split)) note(`${name}: ${split}: ${caveats[split]}`);
}
