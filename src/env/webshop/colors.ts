/** The colour words that stand for every value that contains one, in the order in which they are tried. */
const COLORS = (
  "alabaster apricot aqua ash asphalt azure banana beige black blue blush bordeaux bronze brown " +
  "burgundy camel camo caramel champagne charcoal cheetah chestnut chocolate christmas coffee cognac " +
  "copper coral cranberry cream crystal dark denim eggplant elephant espresso fuchsia gold granite " +
  "grape graphite grass gray green grey heather indigo ivory ivy khaki lavender lemon leopard light " +
  "lilac lime magenta maroon mauve merlot midnight mint mocha multicolor mushroom mustard natural navy " +
  "nude olive orange peach pewter pink plum purple rainbow red rose royal rust sand sapphire seashell " +
  "silver skull slate steel stone stonewash sunflower tan taupe teal tiger turquoise violet walnut " +
  "wheat white wine yellow"
).split(" ");

/** The first colour that a text contains, in place of the text. */
export function colorIn(text: string): string {
  return COLORS.find((color) => text.includes(color)) ?? text;
}

/** The first colour that is one of two texts; a pair is searched for members, not for letters. */
export function colorAmong(pair: readonly [string, string]): string | undefined {
  return COLORS.find((color) => pair.includes(color));
}
