/** What a player has seen so far, line by line: where they stand, each place and what it was seen to hold. */
import { includes, members } from "./bits.ts";
import type { House } from "./house.ts";
import { HELD, LOCATION } from "./layout.ts";

export function mapOf(house: House, state: Uint32Array, seen: Uint32Array): string {
  const { receptacles, openable, setWords } = house;
  const byName = receptacles.map((_, r) => r);
  byName.sort((a, b) => natural(receptacles[a] as string, receptacles[b] as string));
  const width = Math.max(...receptacles.map((name) => name.length));
  const lines = byName.map((r) => {
    const here = house.locationOf[r] === state[LOCATION] ? "▸" : " ";
    const door = !openable[r] ? "" : includes(state, house.openedAt, r) ? " (open)" : " (closed)";
    const inside = members(state, house.insideAt + r * setWords, setWords);
    const names =
      inside
        .map((o) => house.objects[o])
        .sort()
        .join(", ") || "nothing";
    const contents = includes(seen, 0, r) ? `${names}${door}` : "?";
    return `${here} ${(receptacles[r] as string).padEnd(width)} ${contents}`;
  });
  const held = state[HELD] === 0 ? "nothing" : house.objects[(state[HELD] as number) - 1];
  return [...lines, `  in hand: ${held}`].join("\n");
}

/** "drawer 2" before "drawer 10". */
function natural(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
