// bun bench/report-page.ts: how long `empg report` takes for 12 runs of 150 iterations with long trajectories, how large its page is, and
// how long a browser takes to open it, to change the episode and to switch an arm off. A page named as argument is opened instead.

import { writeFileSync } from "node:fs";
import { readArms } from "../src/report/arms.ts";
import { reportPage } from "../src/report/report-page.ts";
import { Chromium } from "../test/support/chromium.ts";
import { writeHostileComparison } from "../test/support/hostile-runs.ts";
import { TemporaryDirectory } from "../test/support/temporary.ts";

const REPEATS = 7;

using directory = new TemporaryDirectory();
const page = process.argv[2] ?? made();
await using browser = await Chromium.start();

const rows: readonly (readonly [string, () => Promise<number>])[] = [
  ["open", () => browser.open(page, { width: 1280, height: 900 })],
  ["another episode", () => clicked('document.querySelector("#viewer-controls button:enabled")')],
  ["an arm off or on", () => clicked('document.querySelector("#curve-controls input")')],
];
console.log(`page              ${(Bun.file(page).size / 1e6).toFixed(1)} MB`);
for (const [name, measure] of rows) {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) times.push(await measure());
  times.sort((a, b) => a - b);
  const [least, median, most] = [times[0]!, times[REPEATS >> 1]!, times.at(-1)!];
  console.log(
    `${name.padEnd(17)} ${median.toFixed(0)} ms, median of ${REPEATS} from ${least.toFixed(0)} to ${most.toFixed(0)}`,
  );
}

/** A page of 3 arms with 4 seeds each. @returns where it is */
function made(): string {
  const runs = directory.file("runs");
  writeHostileComparison(runs, 3, 4, 150, 400);
  const began = performance.now();
  const { html } = reportPage(readArms([runs]), () => undefined);
  console.log(`empg report       ${(performance.now() - began).toFixed(0)} ms`);
  const file = directory.file("report.html");
  writeFileSync(file, html);
  return file;
}

/** Milliseconds until a click is answered and the page laid out anew. */
function clicked(element: string): Promise<number> {
  return browser.evaluate<number>(`(() => {
    const began = performance.now();
    ${element}.click();
    document.body.getBoundingClientRect();
    return performance.now() - began;
  })()`);
}
