/**
 * Writes a generated WebShop catalogue as its official files:
 * `bun src/build/make-webshop.ts --out DIR [--products 1180000] [--seed 0]`. That many are the size of the full
 * published catalogue, for measurements of loading, index and search.
 */
import { parseArgs } from "node:util";
import { UserError } from "../core/errors.ts";
import { writeOfficialFiles } from "../env/webshop/generated/official-files.ts";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string" },
    products: { type: "string", default: "1180000" },
    seed: { type: "string", default: "0" },
  },
});
if (flags.out === undefined) throw new UserError("--out: no folder to write to");
const start = performance.now();
writeOfficialFiles(flags.out, { products: Number(flags.products), seed: Number(flags.seed) });
const seconds = (performance.now() - start) / 1000;
console.log(`${flags.products} products in ${flags.out}, ${seconds.toFixed(1)} s`);
