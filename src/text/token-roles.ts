/**
 * What the files beside tokenizer.json say of tokens: `tokenizer_config.json` which one ends a turn and
 * which one fills a batch, `generation_config.json` all that end a turn.
 */
import { z } from "zod";
import { validate } from "../core/validate.ts";
import { parseJsonObject } from "./json-file.ts";

/** What names the tokens with a role. */
export interface TokenRoles {
  /** `eos_token`: the text of the token that ends a turn. */
  readonly endOfTurn?: string;
  /** `pad_token`. */
  readonly pad?: string;
  /** `eos_token_id` of generation_config.json: more ids that end a turn. */
  readonly stops?: readonly number[];
}

/** As text, or as the object that transformers writes for an added token. */
const NamedToken = z
  .union([z.string(), z.looseObject({ content: z.string() })])
  .transform((token) => (typeof token === "string" ? token : token.content))
  .nullish();

const SPECIAL = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token"] as const;
const MORE_SPECIAL = ["cls_token", "mask_token"] as const;

const NamedTemplates = z.array(z.object({ name: z.string(), template: z.string() })).min(1);

const TokenizerConfigJson = z.looseObject({
  ...(Object.fromEntries([...SPECIAL, ...MORE_SPECIAL].map((key) => [key, NamedToken])) as Record<
    (typeof SPECIAL)[number] | (typeof MORE_SPECIAL)[number],
    typeof NamedToken
  >),
  chat_template: z.union([z.string(), NamedTemplates]).nullish(),
});

/** tokenizer_config.json, as far as it is of use here. */
export interface TokenizerConfig {
  /** Texts of special tokens by the names that chat templates know: `eos_token`, `pad_token`, … */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** Name → source; a single template is called `default`. */
  readonly chatTemplates: ReadonlyMap<string, string>;
}

/** @throws UserError naming file and key */
export function readTokenizerConfig(text: string, file: string): TokenizerConfig {
  const { chat_template, ...config } = validate(
    TokenizerConfigJson,
    parseJsonObject(text, file),
    file,
  );
  const specialTokens: Record<string, string> = {};
  for (const key of [...SPECIAL, ...MORE_SPECIAL]) {
    const token = config[key];
    if (typeof token === "string") specialTokens[key] = token;
  }
  const templates =
    typeof chat_template === "string"
      ? [{ name: "default", template: chat_template }]
      : (chat_template ?? []);
  const chatTemplates = new Map(templates.map(({ name, template }) => [name, template]));
  return { specialTokens, chatTemplates };
}

const GenerationConfigJson = z.looseObject({
  eos_token_id: z.union([z.int().min(0), z.array(z.int().min(0))]).nullish(),
});

/** Ids that end a turn. @throws UserError naming file and key */
export function readStopIds(text: string, file: string): readonly number[] {
  const { eos_token_id } = validate(GenerationConfigJson, parseJsonObject(text, file), file);
  return typeof eos_token_id === "number" ? [eos_token_id] : (eos_token_id ?? []);
}
