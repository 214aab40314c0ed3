/** Writes a generated catalogue as the official files, one product a line, without holding it. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type GeneratedOptions, generateProducts } from "./generated.ts";

/** Characters that are collected before they are written. */
const CHUNK = 1 << 20;

/**
 * `items_shuffle.json`, `items_ins_v2.json` and `items_human_ins.json` in a folder, which is made.
 * @throws UserError for a number of products that is not allowed
 */
export function writeOfficialFiles(folder: string, options: Partial<GeneratedOptions>): void {
  mkdirSync(folder, { recursive: true });
  using items = new JsonLines(join(folder, "items_shuffle.json"), "[", "]");
  using attributes = new JsonLines(join(folder, "items_ins_v2.json"), "{", "}");
  using human = new JsonLines(join(folder, "items_human_ins.json"), "{", "}");
  for (const product of generateProducts(options)) {
    const { asin } = product.item;
    items.add(JSON.stringify(product.item));
    attributes.add(`"${asin}": ${JSON.stringify(product.attributes)}`);
    if (product.human.length > 0) human.add(`"${asin}": ${JSON.stringify(product.human)}`);
  }
}

/** A JSON list or object with one element a line. */
class JsonLines {
  readonly #file: number;
  readonly #end: string;
  #waiting: string;
  #separator = "\n";

  constructor(path: string, start: string, end: string) {
    this.#file = openSync(path, "w");
    this.#waiting = start;
    this.#end = end;
  }

  add(element: string): void {
    this.#waiting += this.#separator + element;
    this.#separator = ",\n";
    if (this.#waiting.length < CHUNK) return;
    this.#write(this.#waiting);
    this.#waiting = "";
  }

  [Symbol.dispose](): void {
    this.#write(`${this.#waiting}\n${this.#end}\n`);
    closeSync(this.#file);
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
  }
}
