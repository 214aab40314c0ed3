import text from "./demo.toml" with { type: "text" };

/** The configuration of `empg train` without arguments: TOML. */
export const demo: string = text;

/**
 * What a command without a file begins with: the demo, or the defaults where another world is asked for, with which the
 * demo has nothing to do.
 * @param overrides of the form `section.key=value`; the last one counts
 * @returns TOML, and its name in messages
 */
export function basisFor(overrides: readonly string[]): { text: string; name: string } {
  const asked = overrides.findLast((set) => /^\s*env\.name\s*=/.test(set));
  const world = asked?.slice(asked.indexOf("=") + 1).trim();
  return world === undefined || /^(["']?)textcraft\1$/.test(world)
    ? { text: demo, name: "the built-in demo" }
    : { text: "", name: "the default configuration" };
}
