/** What the token ids of a run read, by the model that it was trained from. */

import { openModel } from "../model/builtin.ts";
import { flatten } from "../report/config-text.ts";
import type { RunFiles } from "../report/run-files.ts";
import type { Decoder, TokenText } from "../report/shown-episodes.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { openText } from "../train/policy.ts";

/** Opens each model once. A model that is gone is told, and its runs are shown without token texts. */
export function decoders(note: (line: string) => void): (run: RunFiles) => Decoder {
  const known = new Map<string, Decoder>();
  return ({ config }) => {
    const path = String(flatten(config).get("model.path") ?? "");
    if (!known.has(path)) known.set(path, decoderOf(path, note));
    return known.get(path);
  };
}

function decoderOf(path: string, note: (line: string) => void): Decoder {
  try {
    const { tokenizer } = openText(path, openModel(path));
    return (ids) => tokenTexts(tokenizer, ids);
  } catch (error) {
    note(
      `model ${path}: cannot be opened, responses stand without tokens: ${(error as Error).message}`,
    );
    return undefined;
  }
}

/**
 * One text per id; joined they are the ids' text. A character that several tokens make stands with its last one, and
 * where no token has such an id, as when another model took the place of the run's, the id stands for itself.
 */
function tokenTexts(tokenizer: Tokenizer, ids: readonly number[]): TokenText[] {
  const stream = tokenizer.stream();
  const texts = ids.map((id) =>
    id < tokenizer.vocabularySize
      ? { text: stream.push(id), special: tokenizer.isAdded(id) }
      : { text: `⟨${id}⟩`, special: true },
  );
  const rest = stream.end();
  const last = texts.at(-1);
  return last && rest !== "" ? [...texts.slice(0, -1), { ...last, text: last.text + rest }] : texts;
}
