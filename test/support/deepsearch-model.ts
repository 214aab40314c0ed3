import { tokenizerJson, vocabulary } from "../../src/env/deepsearch/vocabulary.ts";
import { tinyModel, writeTiny } from "./tiny-model.ts";

/** Writes an untrained model that knows the words of Deep Search's compact format. @returns its directory */
export async function writeDeepSearchModel(directory: string): Promise<string> {
  const change = { vocabulary: vocabulary().length, maxPositions: 1024 };
  await writeTiny(directory, { ...tinyModel(change), tokenizer: tokenizerJson() });
  return directory;
}
