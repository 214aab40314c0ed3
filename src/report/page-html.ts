/** The page: one file of HTML with its style, its scripts and its data inside, which asks the network for nothing. */

import { createHash } from "node:crypto";
import chartLibrary from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chartStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import { embeddedJson } from "./embedded-json.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page-files.ts";

/** A browser started under the locale POSIX has a language that its own number formats refuse, and uPlot asks for it. */
const LANGUAGE = `try { new Intl.NumberFormat(navigator.language); }
catch { Object.defineProperty(navigator, "language", { value: "en-US" }); }`;

/** Text as HTML shows it, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .toWellFormed();
}

/**
 * @param body HTML that is escaped already
 * @param data what the scripts draw
 */
export function pageHtml(title: string, body: string, data: unknown): string {
  const library = `${LANGUAGE}\n${chartLibrary}`;
  const scripts = [library, PAGE_SCRIPT].map((text) => `<script>${text}</script>`).join("\n");
  const allowed = [library, PAGE_SCRIPT].map((text) => `'sha256-${sha256(text)}'`).join(" ");
  // Even if something slipped through, the browser runs these scripts alone and fetches nothing.
  const policy = `default-src 'none'; script-src ${allowed}; style-src 'unsafe-inline'; img-src data:`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${chartStyle}\n${PAGE_STYLE}</style>
</head>
<body>
${body}
<script type="application/json" id="report-data">${embeddedJson(data)}</script>
${scripts}
</body>
</html>
`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
