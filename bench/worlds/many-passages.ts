// bun bench/worlds/many-passages.ts [--passages 1000000] [--dir DIR]: what an index of many generated passages takes.
//
// Passages of 100 words as DPR cuts Wikipedia: 40 % stop words, the others invented, by Zipf and Mandelbrot's law with
// P ∝ (rank + 90)^−1.5, under which 1.7 million words have about as many distinct ones as the 28,918 real passages
// (87,424), and the most frequent one is about as frequent (0.9 %). The index is built into a directory; another
// process opens it and searches. The last line is JSON, with what wiki-18's 21 million passages would take if all grew
// in proportion.

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Random, randomFrom } from "../../src/core/random.ts";
import { buildSaved, openSaved } from "../../src/retrieval/saved-corpus.ts";
import { median, residentMegabytes, Stopwatch } from "./stopwatch.ts";

const EXPONENT = 1.5;
const OFFSET = 90;
const WORDS_PER_PASSAGE = 100;
const STOP_WORDS = "the of and in to a was is for as on with by at that it".split(" ");
const STOP_SHARE = 0.4;
const QUERIES = 50;
const WORDS_PER_QUERY = 10;
const WIKI_18 = 21_015_324;

const { values } = parseArgs({
  options: {
    passages: { type: "string", default: "1000000" },
    dir: { type: "string" },
    open: { type: "boolean", default: false },
  },
});
const count = Number(values.passages);

function wordOf(rank: number): string {
  let letters = "";
  for (let rest = rank; rest > 0 || letters === ""; rest = Math.floor(rest / 20)) {
    letters += "bcdfghjklmnpqrtvwxyz"[rest % 20];
  }
  return `${letters}o`;
}

function drawWord(random: Random): string {
  const drawn = OFFSET * (1 - random.uniform()) ** (1 / (1 - EXPONENT)) - OFFSET;
  return wordOf(Math.floor(drawn));
}

async function* passages() {
  const random = randomFrom(1);
  for (let id = 0; id < count; id++) {
    const words = Array.from({ length: WORDS_PER_PASSAGE }, () =>
      random.uniform() < STOP_SHARE
        ? STOP_WORDS[random.integer(STOP_WORDS.length)]!
        : drawWord(random),
    );
    yield { id: `${id}`, contents: `"${words[0]} ${words[1]}"\n${words.join(" ")}` };
  }
}

function peakMb(): number {
  return process.resourceUsage().maxRSS / 1e3;
}

if (values.open) await searchIn(values.dir!);
else await build(values.dir ?? mkdtempSync(join(tmpdir(), "empg-passages-")));

/** Opens the index as any other process would, and searches. */
async function searchIn(directory: string): Promise<void> {
  const before = residentMegabytes();
  const opening = new Stopwatch();
  const { index, passages } = await openSaved(directory);
  const opened = opening.read();
  const random = randomFrom(2);
  const times: number[] = [];
  for (let query = 0; query < QUERIES; query++) {
    const words = Array.from({ length: WORDS_PER_QUERY }, () => drawWord(random)).join(" ");
    const watch = new Stopwatch();
    for (const { document } of index.search(words, 3)) passages.read(document);
    times.push(watch.read().cpuMs);
  }
  const resident = residentMegabytes() - before;
  console.log(
    JSON.stringify({
      open_ms: Math.round(opened.wallMs),
      open_cpu_ms: Math.round(opened.cpuMs),
      query_cpu_ms: Number(median(times).toFixed(2)),
      resident_mb: Math.round(resident),
      terms: index.termCount,
    }),
  );
}

async function build(directory: string): Promise<void> {
  const drawing = new Stopwatch();
  for await (const _ of passages());
  const drawn = drawing.read();
  const before = peakMb();
  const building = new Stopwatch();
  const { index } = await buildSaved(directory, passages(), { files: [], subset: "" });
  const built = building.read();
  const peak = peakMb();
  const bytes = (name: string) => statSync(join(directory, name)).size;
  const file = bytes("index.bm25");
  const disk = readdirSync(directory).reduce((sum, name) => sum + bytes(name), 0);
  const child = Bun.spawnSync([process.execPath, import.meta.path, "--open", "--dir", directory]);
  if (!child.success) throw new Error(child.stderr.toString());
  const opened = JSON.parse(child.stdout.toString());
  if (values.dir === undefined) rmSync(directory, { recursive: true });

  const times = WIKI_18 / count;
  const cpuMs = built.cpuMs - drawn.cpuMs;
  const figures = {
    passages: count,
    tokens: index.totalLength,
    build_wall_s: Math.round((built.wallMs - drawn.wallMs) / 1000),
    build_cpu_s: Math.round(cpuMs / 1000),
    cpu_us_per_passage: Number(((1000 * cpuMs) / count).toFixed(1)),
    build_peak_mb: Math.round(peak),
    build_bytes_per_passage: Math.round((1e6 * (peak - before)) / count),
    index_bytes_per_passage: Number((file / count).toFixed(1)),
    disk_bytes_per_passage: Math.round(disk / count),
    ...opened,
    wiki_18: {
      build_cpu_h: Number(((times * cpuMs) / 3.6e6).toFixed(2)),
      build_peak_gb: Number(((before + times * (peak - before)) / 1e3).toFixed(1)),
      index_gb: Number(((times * file) / 1e9).toFixed(1)),
      disk_gb: Number(((times * disk) / 1e9).toFixed(1)),
      open_s: Number(((times * opened.open_cpu_ms) / 1e3).toFixed(1)),
      query_ms: Math.round(times * opened.query_cpu_ms),
    },
  };
  console.log(JSON.stringify(figures));
}
