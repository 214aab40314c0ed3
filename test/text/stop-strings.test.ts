import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { StopStrings } from "../../src/text/stop-strings.ts";
import { chatText } from "./chat.ts";

const { tokenizer } = chatText("chatml");

/** How many ids are taken until a string stops the turn; −1 where none does. */
function stopsAfter(strings: readonly string[], ids: readonly number[]): number {
  const stop = new StopStrings(strings, () => tokenizer.stream());
  return ids.findIndex((id) => stop.push(id)) + 1 || -1;
}

test("a closing tag stops the turn with the token that completes it", () => {
  const letters = Array.from("<action>go</action> now", (c) => tokenizer.encode(c)).flat();
  const taken = stopsAfter(["</action>"], letters);
  expect(tokenizer.decode(letters.slice(0, taken))).toBe("<action>go</action>");
});

test("without strings nothing stops", () => {
  expect(stopsAfter([], tokenizer.encode("</action>"))).toBe(-1);
});

describe("the first token after which the text holds a string", () => {
  test("whatever the tokens are, in characters of several bytes too", () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 704 }), { maxLength: 30 });
    const text = fc.string({ unit: fc.constantFrom("a", "<", "/", "é", "😀", "b") });
    fc.assert(
      fc.property(bytes, text, text, (noise, before, string) => {
        fc.pre(string !== "");
        const ids = [...noise, ...tokenizer.encode(before + string), ...noise];
        const found = stopsAfter([string, "never this"], ids);
        const whole = (count: number) => {
          const stream = tokenizer.stream();
          return ids.slice(0, count).reduce((said, id) => said + stream.push(id), "");
        };
        const expected = ids.findIndex((_, i) => whole(i + 1).includes(string)) + 1 || -1;
        expect(found).toBe(expected);
      }),
    );
  });
});
