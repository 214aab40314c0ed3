import { expect, test } from "bun:test";
import { MODULATION_NAMES, parseMethodName } from "../../src/algorithm/method-name.ts";
import { METHODS } from "../../src/algorithm/methods.ts";

test("every method composes with every modulation", () => {
  for (const method of METHODS) {
    expect(parseMethodName(method)).toEqual({ method });
    for (const suffix of MODULATION_NAMES) {
      expect(parseMethodName(`${method}+${suffix}`).method).toBe(method);
    }
  }
  expect(parseMethodName("gigpo+center").modulation).toEqual({ k: 0, zeta: 0 });
});

test.each(["grop", "grpo+emgp", "+empg", "grpo+", "grpo+empg+scale", "toString", "grpo+toString"])(
  "%j is refused with all names that there are",
  (name) => {
    const all = [...METHODS, ...MODULATION_NAMES.map((suffix) => `+${suffix}`)];
    try {
      parseMethodName(name);
    } catch (error) {
      const { message } = error as Error;
      expect(message).toStartWith(`no method "${name}"`);
      for (const known of all) expect(message).toContain(known);
      return;
    }
    throw new Error("accepted");
  },
);
