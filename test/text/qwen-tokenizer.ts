import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "bun";

/** The real tokenizer, beside the repository; tests that need it skip without it. */
const FILE = join(import.meta.dir, "../../../shared/data/qwen2.5/tokenizer.json.gz");
export const HAS_QWEN = existsSync(FILE);

if (!HAS_QWEN) console.log(`skipping tests on the real Qwen2.5 tokenizer: no ${FILE}`);

/** The text of its tokenizer.json. */
export function qwenTokenizerJson(): string {
  return new TextDecoder().decode(gunzipSync(readFileSync(FILE)));
}
