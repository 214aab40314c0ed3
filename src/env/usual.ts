/** What is usual for a world where nobody says otherwise. */

interface Usual {
  /** Turns after which an episode is cut off, as published results have it. */
  readonly turns: number;
  /** Tasks that success is measured on. */
  readonly measured: string;
  /** The same in the published files; absent: `measured`. */
  readonly measuredInData?: string;
  /** The built-in model that speaks the world's compact format. */
  readonly model?: string;
}

/** TextCraft's, whose goals here need 3 to 6 turns. */
export const USUAL_DEFAULTS = { turns: 8, measured: "test", model: "builtin:tiny" } as const;

const USUAL: Readonly<Record<string, Usual>> = {
  textcraft: USUAL_DEFAULTS,
  alfworld: {
    turns: 50,
    measured: "heldout",
    measuredInData: "valid_seen",
    model: "builtin:alfworld",
  },
  webshop: { turns: 15, measured: "heldout" },
  // Four searches and the turn to answer in.
  deepsearch: { turns: 5, measured: "heldout" },
};

/** @param world its name; an unknown one is told by who opens it */
export function usualFor(world: string): Usual {
  return Object.hasOwn(USUAL, world) ? USUAL[world]! : USUAL_DEFAULTS;
}

/** For help texts: `textcraft 8, alfworld 50`. */
export function usualTurnsText(): string {
  return Object.entries(USUAL)
    .map(([name, { turns }]) => `${name} ${turns}`)
    .join(", ");
}

/** The split to train on or to play from where nobody says which: the first of these, or the world's first. */
export function usualSplit(splits: Readonly<Record<string, unknown>>): string {
  return firstOf(["train", "valid_train"], splits);
}

/** The split that success is measured on where nobody says which. */
export function measuredSplit(splits: Readonly<Record<string, unknown>>): string {
  return firstOf(["heldout", "test", "valid_seen"], splits);
}

function firstOf(names: readonly string[], splits: Readonly<Record<string, unknown>>): string {
  return names.find((name) => name in splits) ?? Object.keys(splits)[0] ?? names[0]!;
}
