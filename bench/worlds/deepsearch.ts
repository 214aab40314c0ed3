// bun bench/worlds/deepsearch.ts --data DIR: how fast passages are indexed, opened again and searched, and what they weigh.
//
// One JSON line last. Wrong answers are not timed: the recorded lists of bm25-golden.json are found first, where
// DIR has them. Time is told by the wall and by the CPU: on a machine that does other things, too, the latter is nearer
// to what a core of its own would take. bench/worlds/many-passages.ts measures a million.

import { heapStats } from "bun:jsc";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DeepSearch } from "../../src/env/deepsearch/world.ts";
import { Bm25Retriever } from "../../src/retrieval/bm25-retriever.ts";
import { IndexBuilder } from "../../src/retrieval/build-index.ts";
import { openCorpus } from "../../src/retrieval/open-corpus.ts";
import { readCorpus } from "../../src/retrieval/read-corpus.ts";
import { median, Stopwatch } from "./stopwatch.ts";

const ROUNDS = 5;
const TOGETHER = 256;
const RANKING = { k1: 0.9, b: 0.4 };

const { values } = parseArgs({ options: { data: { type: "string" } } });
if (values.data === undefined) throw new Error("name the data: --data ../shared/data/deepsearch");
const { data } = values;
const corpus = join(data, "corpus.jsonl.gz");
const directory = mkdtempSync(join(tmpdir(), "empg-bench-"));

const before = memory();
const whole = new Stopwatch();
const kept = await openCorpus({ files: [corpus] }, { ranking: RANKING }, () => {});
const opened = whole.read();
for (let round = 0; round < 5; round++) {
  // What was read becomes garbage a moment later.
  await Bun.sleep(200);
  Bun.gc(true);
}
const after = memory();
if (kept.passages.count !== kept.index.documentCount) throw new Error("passages were lost");

const passages = await Array.fromAsync(readCorpus([corpus]));
const builds = Array.from({ length: ROUNDS }, () => {
  const watch = new Stopwatch();
  const builder = new IndexBuilder(RANKING);
  for (const { contents } of passages) builder.add(contents);
  return { index: builder.finish(), ...watch.read() };
});
const { index } = builds[0]!;
const indexBytes = Object.values(index.arrays).reduce((sum, { byteLength }) => sum + byteLength, 0);
await checkGolden();

const saved = join(directory, "index");
const quiet = () => {};
await openCorpus({ files: [corpus] }, { saved, ranking: RANKING }, quiet);
const reopens: ReturnType<Stopwatch["read"]>[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const watch = new Stopwatch();
  const { index: opened } = await openCorpus(
    { files: [corpus] },
    { saved, ranking: RANKING },
    quiet,
  );
  opened.search("first", 3);
  reopens.push(watch.read());
}

const world = await DeepSearch.open({ data, option: { format: "text" } });
const tasks = Object.values(world.splits).flat();
const questions = [...new Set(tasks)].map((task) => world.question(task).question);
for (const question of questions.slice(0, 200)) index.search(question, 3);
const queries = questions.map((question) => {
  const watch = new Stopwatch();
  index.search(question, 3);
  return watch.read().wallMs;
});
const allQueries = new Stopwatch();
for (const question of questions) index.search(question, 3);
const perQuery = allQueries.read().cpuMs / questions.length;

const together = await stepTogether();
rmSync(directory, { recursive: true });

const figures = {
  passages: passages.length,
  build: {
    wall_ms: Math.round(median(builds.map(({ wallMs }) => wallMs))),
    cpu_ms: Math.round(median(builds.map(({ cpuMs }) => cpuMs))),
  },
  index_mb: Number((indexBytes / 1e6).toFixed(1)),
  read_and_build: {
    wall_ms: Math.round(opened.wallMs),
    cpu_ms: Math.round(opened.cpuMs),
    live_mb: Math.round(after.live - before.live),
    resident_mb: Math.round(after.resident - before.resident),
  },
  reopen: {
    wall_ms: Math.round(median(reopens.map(({ wallMs }) => wallMs))),
    cpu_ms: Math.round(median(reopens.map(({ cpuMs }) => cpuMs))),
  },
  query: {
    questions: questions.length,
    wall_ms: Number(median(queries).toFixed(3)),
    cpu_ms: Number(perQuery.toFixed(3)),
  },
  together,
};
console.log(
  `${figures.passages} passages indexed in ${figures.build.wall_ms} ms, ${figures.build.cpu_ms} ms of CPU; ${figures.index_mb} MB`,
);
console.log(`opened again in ${figures.reopen.wall_ms} ms, ${figures.reopen.cpu_ms} ms of CPU`);
console.log(
  `${figures.query.wall_ms} ms a query (median of ${questions.length}), ${figures.query.cpu_ms} ms of CPU (mean)`,
);
console.log(
  `${TOGETHER} episodes together: one retrieval a turn (${together.queries_by_turn} queries), ${together.turn_wall_ms} ms for a turn of all`,
);
console.log(JSON.stringify(figures));

function memory() {
  Bun.gc(true);
  return { live: heapStats().heapSize / 1e6, resident: process.memoryUsage().rss / 1e6 };
}

/** Every recorded list, ids in order and scores within 1e-6. */
async function checkGolden(): Promise<void> {
  const path = join(data, "bm25-golden.json");
  if (!existsSync(path))
    return console.log(`not checked: no ${path} (${statSync(corpus).size} bytes of corpus)`);
  const { queries } = await Bun.file(path).json();
  for (const { query, "k1=0.9,b=0.4": wanted } of queries) {
    const found = index.search(query, wanted.length);
    found.forEach(({ document, score }, place) => {
      const [id, recorded] = wanted[place];
      if (passages[document]!.id === id && Math.abs(score - recorded) < 1e-6) return;
      throw new Error(`"${query}": place ${place} is not the recorded one`);
    });
  }
}

/** Episodes that search for their question and for what they are offered, all at once; how the index is asked. */
async function stepTogether() {
  const asked: number[] = [];
  const { search } = Bm25Retriever.prototype;
  Bm25Retriever.prototype.search = function (queries, k) {
    asked.push(queries.length);
    return search.call(this, queries, k);
  };
  const episodes = tasks.slice(0, TOGETHER).map((task) => world.start(task, 0));
  const turns: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const watch = new Stopwatch();
    await Promise.all(
      episodes.map((episode) => {
        const offered = episode.admissible();
        return episode.step(offered[turn % offered.length]!);
      }),
    );
    turns.push(watch.read().wallMs);
  }
  Bm25Retriever.prototype.search = search;
  // What was asked before is known, so later turns ask for fewer.
  if (asked.length !== turns.length)
    throw new Error(`${asked.length} batches in ${turns.length} turns`);
  return { episodes: TOGETHER, queries_by_turn: asked, turn_wall_ms: Math.round(median(turns)) };
}
