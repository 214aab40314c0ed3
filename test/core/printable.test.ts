import { expect, test } from "bun:test";
import { printable } from "../../src/core/printable.ts";

test("what a terminal would obey is spelled out", () => {
  expect(printable("\u0000 \u001b[2J\u0007 \r \u007f \u009b31m")).toBe(
    "\\x00 \\x1b[2J\\x07 \\x0d \\x7f \\x9b31m",
  );
  expect(printable("\u202etxt.exe\u2066 \u2028")).toBe("\\u202etxt.exe\\u2066 \\u2028");
});

test("everything else stays as it is, new lines and tabulators, too", () => {
  const text = "a mug 1,\n\tand a « pen » 2 – 猫 🐈‍⬛ \u00a0 \\x1b";
  expect(printable(text)).toBe(text);
});
