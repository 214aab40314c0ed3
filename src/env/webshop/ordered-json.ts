/**
 * JSON whose objects keep the order of their keys. JavaScript puts keys that are whole numbers first, but an
 * option called "2" has its place on a page as any other.
 */
import { type Node, parseTree } from "jsonc-parser";

/** A key that JavaScript would move; now and then a text that only looks like one. */
const WHOLE_KEY = /"(?:0|[1-9]\d*)"\s*:/;

/** The keys of objects that have a whole number among them, as they were written. */
const ORDERS = new WeakMap<object, readonly string[]>();

/** @throws SyntaxError as JSON.parse does */
export function parseOrdered(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const tree = WHOLE_KEY.test(text) ? parseTree(text) : undefined;
  if (tree !== undefined) noteOrders(tree, value);
  return value;
}

/** The entries of an object, in the order of the text that it was read from. */
export function entriesInOrder<Value>(
  object: Readonly<Record<string, Value>>,
): (readonly [key: string, value: Value])[] {
  const keys = ORDERS.get(object) ?? Object.keys(object);
  return keys.map((key) => [key, object[key] as Value] as const);
}

function noteOrders({ children = [], type }: Node, value: unknown): void {
  if (type === "array") {
    for (const [i, child] of children.entries()) noteOrders(child, (value as unknown[])[i]);
  }
  if (type !== "object") return;
  const object = value as Record<string, unknown>;
  // Of a key that stands twice the place is the first one's, the value the last one's.
  const last = new Map<string, Node | undefined>();
  for (const { children: [key, child] = [] } of children) last.set(key?.value as string, child);
  for (const [key, child] of last) if (child !== undefined) noteOrders(child, object[key]);
  ORDERS.set(object, [...last.keys()]);
}
