/** How agents read and write the game: `compact` for small word-level models, `text` for language models. */
import type { AgentFormat } from "../env.ts";
import { compact } from "./format-compact.ts";
import { text } from "./format-text.ts";

/** By name. */
export const FORMATS = { compact, text } satisfies Readonly<Record<string, AgentFormat>>;
