/**
 * Reads parenthesised text as PDDL has it: names and nested lists, `;` comments, no capitals. Every list
 * knows its line, so that a message can say where.
 */
import { UserError } from "../../core/errors.ts";

export type Expression = string | List;

export class List {
  readonly items: Expression[] = [];
  /** Line of the opening parenthesis, from 1. */
  readonly line: number;

  constructor(line: number) {
    this.line = line;
  }

  /** The name in front, when there is one. */
  get head(): string | undefined {
    const [first] = this.items;
    return typeof first === "string" ? first : undefined;
  }
}

const NEWLINE = 0x0a;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMENT = 0x3b;
/** No goal or action comes near. */
const DEEPEST = 100;

/**
 * The one list of a text. Surplus closing parentheses after it are ignored, as the data have them.
 * @param where the file (or part of one) for messages
 * @throws UserError naming line and token
 */
export function readExpression(text: string, where: string): List {
  const source = text.toLowerCase();
  const open: List[] = [];
  let whole: List | undefined;
  let line = 1;
  const unexpected = (token: string, expected: string) =>
    new UserError(`${where}:${line}: expected ${expected}, found "${shortened(token)}"`);

  for (let at = 0; at < source.length; ) {
    const code = source.charCodeAt(at);
    if (code === NEWLINE) line++;
    if (code <= 0x20) {
      at++;
    } else if (code === COMMENT) {
      const end = source.indexOf("\n", at);
      at = end < 0 ? source.length : end;
    } else if (code === OPEN) {
      if (whole !== undefined) throw unexpected("(", "nothing after the end of (define …)");
      if (open.length >= DEEPEST) throw unexpected("(", `at most ${DEEPEST} nested parentheses`);
      open.push(new List(line));
      at++;
    } else if (code === CLOSE) {
      at++;
      const done = open.pop();
      if (done === undefined) {
        if (whole === undefined) throw unexpected(")", '"(define …"');
        continue;
      }
      const outer = open.at(-1);
      if (outer === undefined) whole = done;
      else outer.items.push(done);
    } else {
      const start = at;
      while (at < source.length && !endsName(source.charCodeAt(at))) at++;
      const name = source.slice(start, at);
      const list = open.at(-1);
      if (list === undefined) {
        throw unexpected(name, whole ? "nothing after the end of (define …)" : '"(define …"');
      }
      list.items.push(name);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) {
    const what = `"(${shortened(unclosed.head ?? "")}" of line ${unclosed.line} is not closed`;
    throw new UserError(`${where}:${line}: the text ends here, but ${what}`);
  }
  if (whole === undefined) throw new UserError(`${where}: expected "(define …", found no text`);
  return whole;
}

function endsName(code: number): boolean {
  return code <= 0x20 || code === OPEN || code === CLOSE || code === COMMENT;
}

/** A token or an expression as a message shows it. */
export function shortened(expression: Expression): string {
  const text = written(expression);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** An expression in one line, without comments and in lower case. */
export function written(expression: Expression): string {
  if (typeof expression === "string") return expression;
  return `(${expression.items.map(written).join(" ")})`;
}
