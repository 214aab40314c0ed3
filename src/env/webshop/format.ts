/** How agents read and write the shop: `compact` for small word-level models, `text` for language models. */
import type { AgentFormat } from "../env.ts";
import { compact } from "./format-compact.ts";
import { text } from "./format-text.ts";

/** By name; the first is the default. */
export const FORMATS: Readonly<Record<string, AgentFormat>> = { compact, text };
