import { describe, expect, test } from "bun:test";
import { specialize } from "../../src/gpu/specialize.ts";

describe("constants", () => {
  test("take the given values; everything else stays", () => {
    const source = "const ROWS: u32 = 16u;\nconst ROWS_MORE: u32 = 1u;\nfn main() {}\n";
    expect(specialize(source, { ROWS: 3 })).toBe(
      "const ROWS: u32 = 3u;\nconst ROWS_MORE: u32 = 1u;\nfn main() {}\n",
    );
  });

  test("one that the shader does not declare is refused by name", () => {
    expect(() => specialize("const A: u32 = 1u;", { B: 2 })).toThrow('no "const B: u32"');
    expect(() => specialize("override A: u32 = 1u;", { A: 2 })).toThrow('no "const A: u32"');
  });
});

describe("marked loops", () => {
  const loop = (bound: string, body: string, variable = "i") =>
    `for (var ${variable} = 0u; ${variable} < ${bound}; ${variable}++) { // unroll${body}}`;

  test("are written out once per value, with the variable replaced as a word", () => {
    expect(specialize(loop("2u", " x[i] = i + index; "), {})).toBe(
      "{ x[0u] = 0u + index; }{ x[1u] = 1u + index; }",
    );
  });

  test("run as often as the constant that was set says", () => {
    const source = `const N: u32 = 1u;\n${loop("N", " f(i); ")}`;
    expect(specialize(source, { N: 3 })).toBe("const N: u32 = 3u;\n{ f(0u); }{ f(1u); }{ f(2u); }");
    expect(specialize(source, { N: 0 })).toBe("const N: u32 = 0u;\n");
  });

  test("follow products and quotients of constants", () => {
    const source = "const A: u32 = 1u;\nconst B: u32 = A * 3u / 2u;\n";
    expect(specialize(`${source}${loop("B", " f(i); ")}`, { A: 2 })).toEndWith(
      "{ f(0u); }{ f(1u); }{ f(2u); }",
    );
  });

  test("within each other come out innermost too", () => {
    const inner = loop("2u", " f(r, c); ", "c");
    expect(specialize(loop("2u", ` ${inner} `, "r"), {})).toBe(
      "{ { f(0u, 0u); }{ f(0u, 1u); } }{ { f(1u, 0u); }{ f(1u, 1u); } }",
    );
  });

  test("may hold blocks of their own", () => {
    expect(specialize(loop("2u", " if (i > 0u) { f(i); } "), {})).toBe(
      "{ if (0u > 0u) { f(0u); } }{ if (1u > 0u) { f(1u); } }",
    );
  });

  test("without an end, or with an unknown bound, are refused", () => {
    expect(() => specialize("for (var i = 0u; i < 2u; i++) { // unroll f(i);", {})).toThrow(
      "has no end",
    );
    expect(() => specialize(loop("N", ""), {})).toThrow('no "const N: u32"');
  });
});

test("a loop that is not marked stays a loop", () => {
  const source = "for (var i = 0u; i < 2u; i++) { f(i); }";
  expect(specialize(source, {})).toBe(source);
});
