import { expect, test } from "bun:test";
import { shaded, shadeLegend } from "../../src/cli/shade.ts";

test("the surer the model, the fainter the shade; a sure token has none", () => {
  expect(shaded("word", 0.05)).toBe("word");
  const colours = [0.1, 0.5, 1, 2, 11].map((nats) => /48;5;(\d+)m/.exec(shaded("word", nats))![1]);
  expect(colours).toEqual(["230", "222", "215", "208", "208"]);
});

test("a shade ends with its line, and an empty text has none", () => {
  expect(shaded("", 3)).toBe("");
  const text = shaded("a\n\nb", 3);
  for (const line of text.split("\n")) expect(line === "" || line.endsWith("\u001b[0m")).toBe(true);
});

test("the legend names every step", () => {
  for (const step of ["0.1", "0.5", "1", "2"]) expect(shadeLegend()).toContain(` ≥ ${step} `);
});
