import { UserError } from "../core/errors.ts";
import { readByteLevel } from "./byte-level.ts";
import { parseJsonObject } from "./json-file.ts";
import type { TokenRoles } from "./token-roles.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { readWordLevel } from "./word-level.ts";

/**
 * @param text of a tokenizer.json
 * @param file its path, for messages
 * @throws UserError naming file and key, what was found and what is allowed
 */
export function readTokenizer(text: string, file: string, roles: TokenRoles = {}): Tokenizer {
  const json = parseJsonObject(text, file);
  const type = (json.model as { type?: unknown } | undefined)?.type;
  if (type === "WordLevel") return readWordLevel(json, file, roles);
  if (type === "BPE") return readByteLevel(json, file, roles);
  const found = type === undefined ? "nothing" : JSON.stringify(type);
  throw new UserError(`${file}: model.type: found ${found}, allowed: "BPE" or "WordLevel"`);
}
