/**
 * JSON that stands inside a script element: nothing in it can end the element or begin a comment, and half a
 * surrogate pair stays an escape.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
