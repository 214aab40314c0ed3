/** A token's entropy as a shade behind it: dark letters on light, so that it reads on any terminal. */

const RESET = "\u001b[0m";
const BLACK_ON = "\u001b[38;5;16;48;5;";

/** Entropies from which a shade begins (nats), and its colour among the 256 of terminals. */
const SHADES: readonly (readonly [number, number])[] = [
  [2, 208],
  [1, 215],
  [0.5, 222],
  [0.1, 230],
];

/** The text as it is where the model was sure. */
export function shaded(text: string, entropyNats: number): string {
  const shade = SHADES.find(([from]) => entropyNats >= from);
  if (!shade || text === "") return text;
  // A shade must not run on to the end of a line.
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : `${BLACK_ON}${shade[1]}m${line}${RESET}`))
    .join("\n");
}

/** What the shades mean, in one line. */
export function shadeLegend(): string {
  const steps = SHADES.toReversed().map(([from]) => shaded(` ≥ ${from} `, from));
  return `entropy of each token, nats: ${steps.join(" ")}`;
}
