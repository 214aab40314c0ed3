import text from "./demo.toml" with { type: "text" };

/** The configuration of `empg train` without arguments: TOML. */
export const demo: string = text;
