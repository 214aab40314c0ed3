/** Models inside the executable, and the one door through which every model is opened. */
import { readFileSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { baseOfAdapter, isAdapterDirectory, readAdapterDirectory } from "./adapter-directory.ts";
import alfworldConfig from "./alfworld/config.json" with { type: "file" };
import alfworldWeights from "./alfworld/model.safetensors" with { type: "file" };
import alfworldTokenizer from "./alfworld/tokenizer.json" with { type: "file" };
import { parseModelConfig } from "./config.ts";
import deepsearchConfig from "./deepsearch/config.json" with { type: "file" };
import deepsearchWeights from "./deepsearch/model.safetensors" with { type: "file" };
import deepsearchTokenizer from "./deepsearch/tokenizer.json" with { type: "file" };
import { type ModelFiles, readModelDirectory } from "./directory.ts";
import { fileSource } from "./model-tensors.ts";
import { parseSafetensors } from "./safetensors.ts";
import tinyConfig from "./tiny/config.json" with { type: "file" };
import tinyWeights from "./tiny/model.safetensors" with { type: "file" };
import tinyTokenizer from "./tiny/tokenizer.json" with { type: "file" };
import webshopConfig from "./webshop/config.json" with { type: "file" };
import webshopWeights from "./webshop/model.safetensors" with { type: "file" };
import webshopTokenizer from "./webshop/tokenizer.json" with { type: "file" };

const PREFIX = "builtin:";

/** Paths of embedded files. */
interface EmbeddedModel {
  readonly config: string;
  readonly weights: string;
  readonly tokenizer: string;
}

const BUILTIN: Readonly<Record<string, EmbeddedModel>> = {
  /** Plays TextCraft. */
  tiny: embedded(tinyConfig, tinyWeights, tinyTokenizer),
  alfworld: embedded(alfworldConfig, alfworldWeights, alfworldTokenizer),
  webshop: embedded(webshopConfig, webshopWeights, webshopTokenizer),
  deepsearch: embedded(deepsearchConfig, deepsearchWeights, deepsearchTokenizer),
};

/** TypeScript takes an import of .json for its contents, whatever the import asks for; these are paths. */
function embedded(config: unknown, weights: string, tokenizer: unknown): EmbeddedModel {
  return { config: config as string, weights, tokenizer: tokenizer as string };
}

/**
 * Opens the model of a directory, or `builtin:NAME`; for an adapter's directory, the model that it belongs to with it.
 * @throws UserError as readModelDirectory, or naming the models there are
 */
export function openModel(path: string): ModelFiles {
  if (!path.startsWith(PREFIX)) {
    if (!isAdapterDirectory(path)) return readModelDirectory(path);
    const base = openModel(baseOfAdapter(path));
    return { ...base, adapter: readAdapterDirectory(path, base.config) };
  }
  const name = path.slice(PREFIX.length);
  const names = Object.keys(BUILTIN);
  const model = Object.hasOwn(BUILTIN, name) ? BUILTIN[name] : undefined;
  if (model === undefined) {
    const known = names.map((known) => `${PREFIX}${known}`).join(", ");
    const hint =
      didYouMean(
        path,
        names.map((known) => `${PREFIX}${known}`),
      ) || undefined;
    throw new UserError(`no built-in model "${name}"; there are: ${known}`, hint);
  }
  const configFile = `${path}/config.json`;
  const config = parseModelConfig(readFileSync(model.config, "utf8"), configFile);
  const weights = parseSafetensors(readFileSync(model.weights), `${path}/model.safetensors`);
  return {
    path,
    config,
    weights: fileSource([weights], config, configFile),
    tokenizer: readFileSync(model.tokenizer, "utf8"),
  };
}
