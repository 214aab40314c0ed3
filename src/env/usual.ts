/** What is usual for a world where nobody says otherwise. */

interface Usual {
  /** Turns after which an episode is cut off, as published results have it. */
  readonly turns: number;
  /** Tasks that success is measured on. */
  readonly measured: string;
}

/** TextCraft's goals here need 3 to 6 turns. */
const FALLBACK: Usual = { turns: 8, measured: "test" };

const USUAL: Readonly<Record<string, Usual>> = {
  alfworld: { turns: 50, measured: "heldout" },
  webshop: { turns: 15, measured: "heldout" },
  // Four searches and the turn to answer in.
  deepsearch: { turns: 5, measured: "heldout" },
};

/** @param world its name; an unknown one is told by who opens it */
export function usualFor(world: string): Usual {
  return Object.hasOwn(USUAL, world) ? USUAL[world]! : FALLBACK;
}

/** For help texts: `8, alfworld 50`. */
export function usualTurnsText(): string {
  return [
    FALLBACK.turns,
    ...Object.entries(USUAL).map(([name, { turns }]) => `${name} ${turns}`),
  ].join(", ");
}
