/**
 * The first key that stands twice in one object of a JSON text, which JSON.parse would drop without
 * a word. The text must be valid JSON.
 */
export function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  // A string, with the colon that makes it a key; or a bracket of an object. Strings are skipped whole.
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(string as string) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}
