/** What is usual for a world where nobody says otherwise. */

interface Usual {
  /** Turns after which an episode is cut off, as published results have it. */
  readonly turns: number;
  /** Tokens after which a turn is cut off: of small models' words, and of language models' as published runs have it. */
  readonly tokens: { readonly compact: number; readonly text: number };
  /** Tasks that success is measured on. */
  readonly measured: string;
  /** The same in the published files; absent: `measured`. */
  readonly measuredInData?: string;
  /** The built-in model that speaks the world's compact format. */
  readonly model: string;
}

/** The world where nobody names one. */
export const USUAL_WORLD = "textcraft";

/** How long an answer of a world is waited for. */
export const USUAL_TIMEOUT_MS = 60_000;

/** As verl-agent's runs. */
const TOKENS = { compact: 24, text: 512 };

/** TextCraft's, whose goals here need 3 to 6 turns. */
export const USUAL_DEFAULTS = {
  ...{ turns: 8, tokens: TOKENS, measured: "test", model: "builtin:tiny" },
} as const;

const USUAL: Readonly<Record<string, Usual>> = {
  textcraft: USUAL_DEFAULTS,
  alfworld: {
    turns: 50,
    tokens: TOKENS,
    measured: "heldout",
    measuredInData: "valid_seen",
    model: "builtin:alfworld",
  },
  webshop: {
    // The expert's longest search has 38.
    ...{ turns: 15, tokens: { compact: 40, text: 512 } },
    ...{ measured: "heldout", model: "builtin:webshop" },
  },
  deepsearch: {
    // Four searches and the turn to answer in; names in syllables make long turns. Text as Search-R1's.
    ...{ turns: 5, tokens: { compact: 32, text: 500 } },
    ...{ measured: "heldout", model: "builtin:deepsearch" },
  },
};

/** @param world its name; an unknown one is told by who opens it */
export function usualFor(world: string): Usual {
  return Object.hasOwn(USUAL, world) ? USUAL[world]! : USUAL_DEFAULTS;
}

/** @param format the agent's; any other than `text` is for small models */
export function usualTokens(world: string, format: string | undefined): number {
  const { compact, text } = usualFor(world).tokens;
  return format === "text" ? text : compact;
}

/** For help texts: `textcraft 24 (format text 512), deepsearch 32 (500)`. */
export function usualTokensText(): string {
  return Object.entries(USUAL)
    .map(
      ([name, { tokens }], i) =>
        `${name} ${tokens.compact} (${i === 0 ? "format text " : ""}${tokens.text})`,
    )
    .join(", ");
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
