/** Reads an action: `name[argument]`, as the pattern `(.+)\[(.+)\]` finds it at the start of a text. */

export interface Action {
  readonly name: string;
  /** In lower case; absent without brackets. */
  readonly argument?: string;
}

/** Never throws; in time that grows with the text's length alone. */
export function parseAction(text: string): Action {
  const newline = text.indexOf("\n");
  const line = newline < 0 ? text : text.slice(0, newline);
  const end = line.lastIndexOf("]");
  const start = end < 2 ? -1 : line.lastIndexOf("[", end - 2);
  if (start < 1) return { name: text };
  return { name: line.slice(0, start), argument: line.slice(start + 1, end).toLowerCase() };
}
