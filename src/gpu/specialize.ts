import { invariant } from "../core/errors.ts";

/**
 * Fits a WGSL file to one model: sets the values of its `const NAME: u32 = …;` lines and writes out
 * the loops marked `// unroll`. The file itself stays plain WGSL that any editor checks.
 *
 * Why loops are written out: a software adapter turns an array indexed by a loop variable into
 * scattered memory accesses, and one indexed by constants into registers.
 */
export function specialize(source: string, constants: Readonly<Record<string, number>>): string {
  let text = source;
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`^(const ${name}: u32 = )\\d+u;`, "m");
    invariant(declaration.test(text), `the shader declares no "const ${name}: u32"`);
    text = text.replace(declaration, `$1${value}u;`);
  }
  return unroll(text);
}

/** The same shader for weights in half precision: its `alias Weight = f32;` becomes f16. The line numbers stay. */
export function halfWeights(source: string): string {
  const declaration = "alias Weight = f32;";
  invariant(source.includes(declaration), `the shader declares no "${declaration}"`);
  return `enable f16; ${source.replace(declaration, "alias Weight = f16;")}`;
}

const MARKED = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{ \/\/ unroll/;

/** Replaces each marked loop by its body, once per value; innermost loops come out as the outer ones are copied. */
function unroll(source: string): string {
  const match = MARKED.exec(source);
  if (!match) return source;
  const [header, variable, bound] = match as unknown as [string, string, string];
  const bodyStart = match.index + header.length;
  const bodyEnd = closingBrace(source, bodyStart);
  const body = source.slice(bodyStart, bodyEnd);
  const count = constantValue(source, bound);
  const name = new RegExp(`\\b${variable}\\b`, "g");
  let copies = "";
  for (let i = 0; i < count; i++) copies += `{${body.replace(name, `${i}u`)}}`;
  return unroll(source.slice(0, match.index) + copies + source.slice(bodyEnd + 1));
}

function closingBrace(source: string, start: number): number {
  let depth = 1;
  for (let i = start; i < source.length; i++) {
    if (source[i] === "{") depth++;
    else if (source[i] === "}" && --depth === 0) return i;
  }
  throw new Error("internal error: a loop marked for unrolling has no end");
}

/** The value of a loop bound: a literal, or a product or quotient of constants the file declares. */
function constantValue(source: string, name: string): number {
  const literal = /^(\d+)u$/.exec(name);
  if (literal) return Number(literal[1]);
  const declared = new RegExp(`^const ${name}: u32 = (.+);`, "m").exec(source);
  invariant(declared, `unroll: the shader declares no "const ${name}: u32"`);
  const [first = "", ...rest] = declared[1]!.split(" ");
  let value = constantValue(source, first);
  for (let i = 0; i < rest.length; i += 2) {
    const operand = constantValue(source, rest[i + 1]!);
    value = rest[i] === "*" ? value * operand : value / operand;
  }
  return value;
}
