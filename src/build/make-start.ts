/**
 * Makes the untrained model that a learning curve under bench/results begins with:
 * `bun src/build/make-start.ts --env alfworld --out DIR`. It has the words of the world's compact format.
 */
import { parseArgs } from "node:util";
import { tokenizerJson as alfworldWords } from "../env/alfworld/vocabulary.ts";
import { tokenizerJson as deepsearchWords } from "../env/deepsearch/vocabulary.ts";
import { generatedShop } from "../env/webshop/generated-shop.ts";
import { tokenizerJson as webshopWords } from "../env/webshop/vocabulary.ts";
import { smallModel, writeUntrained } from "./small-model.ts";

const { values: flags } = parseArgs({
  options: {
    env: { type: "string", default: "" },
    out: { type: "string", default: "start" },
    seed: { type: "string", default: "1" },
  },
});

/** Room for an episode of one who never succeeds; bench/results tells how long demonstrations are. */
const WORLDS: Readonly<Record<string, { words(): string; maxPositions: number }>> = {
  // Fifty turns.
  alfworld: { words: alfworldWords, maxPositions: 2048 },
  // Fifteen turns, a search in each of them.
  webshop: { words: () => webshopWords(generatedShop()), maxPositions: 2048 },
  // Eight turns.
  deepsearch: { words: deepsearchWords, maxPositions: 1024 },
};

const world = Object.hasOwn(WORLDS, flags.env) ? WORLDS[flags.env] : undefined;
if (world === undefined) {
  console.error(`make-start: --env ${flags.env}: allowed: ${Object.keys(WORLDS).join(", ")}`);
  process.exit(2);
}
await writeUntrained(flags.out, smallModel(world.words(), world.maxPositions), Number(flags.seed));
