/** str.strip(): white space as Python knows it, which has U+001C-001F and U+0085 but not U+FEFF. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code >= 0x1c;
  if (code === 0x85) return true;
  return code >= 0xa0 && code !== 0xfeff && String.fromCharCode(code).trim() === "";
}
