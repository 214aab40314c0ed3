/** How agents answer under the wrappers of verl-agent's recipes: a thought between tags, then an action between tags. */

/** In CJK ideographs no response counts as well-formed. */
const IDEOGRAPH = /[\u4e00-\u9fff]/;

/**
 * The text between the first tags, in lower case; without them the response's last characters.
 * @param tail how many characters those are
 */
export function taggedAction(response: string, tail: number): string {
  const lower = response.toLowerCase();
  const start = lower.indexOf("<action>");
  const end = lower.indexOf("</action>");
  if (start >= 0 && end >= 0) return lower.slice(start + "<action>".length, end).trim();
  // A character may be two units long.
  return [...lower.slice(-2 * tail)].slice(-tail).join("");
}

/** Both pairs of tags, those of the thought written as they are, and no ideograph; what the action says does not count. */
export function isTagged(response: string): boolean {
  const lower = response.toLowerCase();
  const acts = lower.includes("<action>") && lower.includes("</action>");
  const thinks = response.includes("<think>") && response.includes("</think>");
  return acts && thinks && !IDEOGRAPH.test(response);
}

export function taggedResponse(action: string): string {
  return `<think>The next thing to do: ${action}.</think>\n<action>${action}</action>`;
}
