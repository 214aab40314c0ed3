/** The page in a real browser: it draws, it shows, it asks nobody, and no text in it comes alive. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { embeddedJson } from "../../src/report/embedded-json.ts";
import { escapeHtml } from "../../src/report/page-html.ts";
import { Chromium } from "../support/chromium.ts";
import {
  armPath,
  drawnTasks,
  evaluation,
  metrics,
  runConfig,
  savedEpisode,
  writeComparison,
  writeRun,
} from "../support/report-runs.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const HOSTILE =
  "</script><script>window.broken=1</script><!--<img src=x onerror=window.broken=2>]]>\"'`&amp;\u2028\u2029\ud800 \u0000</title>";
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const directory = new TemporaryDirectory();
let browser: Chromium;
beforeAll(async () => {
  browser = await Chromium.start();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

/** What became of four steps: one of each word that a sign and a size of A can have. */
const WORDS = [
  ["amplified", 1, 1.3],
  ["damped", 1, 0.7],
  ["punished harder", -1, -1.3],
  ["treated gently", -1, -0.7],
  ["turned over", -0.05, 0.02],
  ["bonus only", 0, 0.04],
  ["kept", 1, 1.01],
] as const;

function modulation(base: number, advantage: number) {
  return {
    ...{ entropy: 0.4, normalized_entropy: 0.3, scale: 1.1, clarity: 0.8 },
    ...{ base_advantage: base, advantage },
  };
}

/** A comparison of `arms` × `seeds` runs of `iterations`, with saved episodes of `turns` turns. */
function writeFixture(
  path: string,
  arms: number,
  seeds: number,
  iterations: number,
  turns: number,
) {
  const names = Array.from({ length: arms }, (_, arm) => (arm === 1 ? "grpo+empg" : `arm ${arm}`));
  const plan = { config: "", seeds: Array.from({ length: seeds }, (_, i) => i), token_budget: 1e6 };
  writeComparison(path, { ...plan, arms: names.map((name) => ({ name, set: [HOSTILE] })) });
  const steps = Array.from({ length: turns }, (_, i) => {
    const [, base, final] = WORDS[i % WORDS.length]!;
    const observation = i === 0 ? HOSTILE : `turn ${i}`;
    const tokens = [5, 20, 211, 313, 333, 0, 2];
    const entropies = tokens.map((_, at) => at / 5);
    return {
      observation,
      response: HOSTILE,
      tokens,
      entropies,
      modulation: modulation(base, final),
    };
  });
  const episodes = Array.from({ length: 8 }, (_, i) =>
    savedEpisode(`${HOSTILE}#${i}`, steps, { success: i % 2 === 0 }),
  );
  for (const [arm, name] of names.entries()) {
    for (const seed of plan.seeds) {
      writeRun(armPath(path, name, seed), {
        config: runConfig({ seed, iterations, name: "x" }),
        log: `device   ${HOSTILE}\n`,
        metrics: Array.from({ length: iterations }, (_, i) =>
          metrics(i + 1, { reward_mean: Math.sin(i / 9 + arm) / 3 + 0.1 * seed }),
        ),
        evaluations: [0, iterations >> 1, iterations].map((at) =>
          evaluation(
            at,
            drawnTasks(seed, 30, () => 0.2 + (0.4 * at) / iterations),
          ),
        ),
        signals: [{ iteration: 2, signal: "kl", value: 3, limit: 1, action: "warn" }],
        rollouts: { 1: episodes, [iterations]: episodes },
      });
    }
  }
}

async function report(name: string, ...size: [number, number, number, number]): Promise<string> {
  writeFixture(directory.file(name), ...size);
  const out = directory.file(`${name}.html`);
  const { code, notes } = await runCli(["report", directory.file(name), "--out", out]);
  expect({ code, notes }).toEqual({ code: 0, notes: "" });
  return out;
}

describe("a small comparison", () => {
  let page = "";
  beforeAll(async () => {
    page = await report("small", 2, 2, 12, WORDS.length);
  });

  describe.each([
    ["1280 px, light", { ...WIDE, dark: false }],
    ["1280 px, dark", { ...WIDE, dark: true }],
    ["390 px, light", { ...PHONE, dark: false }],
    ["390 px, dark", { ...PHONE, dark: true }],
  ])("at %s", (_, view) => {
    test("no complaint, no request but for itself, nothing wider than the screen", async () => {
      await browser.open(page, view);
      expect(browser.complaints).toEqual([]);
      expect(browser.requests).toEqual([`file://${page}`]);
      const width = await browser.evaluate<number>("document.documentElement.scrollWidth");
      expect(width).toBe(view.width);
      expect(await browser.evaluate<string>("document.documentElement.dataset.ready")).toBe("yes");
    });

    test("every chart has drawn something", async () => {
      await browser.open(page, view);
      const drawn = await browser.evaluate<number[]>(`[...document.querySelectorAll("canvas")].map(
        (canvas) => new Set(new Uint32Array(canvas.getContext("2d")
          .getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)`);
      expect(drawn.length).toBeGreaterThanOrEqual(14);
      // Axes and grid alone are grey; lines and bands bring many more shades.
      expect(Math.min(...drawn)).toBeGreaterThan(20);
    });

    test("text has enough contrast to be read: 4.5 to 1", async () => {
      await browser.open(page, view);
      const ratios = await browser.evaluate<number[]>(`(() => {
        const light = (name) => {
          const hex = getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
          const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
        return ["ink", "soft", "good", "bad", "arm-0"].flatMap((one) => [ratio(one, "paper"), ratio(one, "panel")]);
      })()`);
      expect(Math.min(...ratios)).toBeGreaterThanOrEqual(4.5);
    });
  });

  test("hostile texts are shown letter by letter, and none of them ran", async () => {
    await browser.open(page, WIDE);
    expect(await browser.evaluate("window.broken ?? null")).toBeNull();
    expect(await browser.evaluate("document.querySelectorAll('img').length")).toBe(0);
    expect(await browser.evaluate("document.scripts.length")).toBe(3);
    const shown = await browser.evaluate<string>(
      "document.querySelector('.observation').textContent",
    );
    expect(shown.replace(/\ud800|\ufffd/, "?")).toBe(HOSTILE.replace("\ud800", "?"));
    const device = await browser.evaluate<string>("document.querySelector('dl').textContent");
    expect(device).toContain("</script><script>window.broken=1</script>");
  });

  test("the viewer names what became of each step", async () => {
    await browser.open(page, WIDE);
    const words = "[...document.querySelectorAll('.verdict')].map((one) => one.textContent)";
    expect(await browser.evaluate<string[]>(words)).toEqual(WORDS.map(([word]) => word));
  });

  test("the viewer shows another run, iteration and episode when they are chosen", async () => {
    await browser.open(page, WIDE);
    const chosen = await browser.evaluate<string[]>(`(() => {
      const [run, iteration, episode] = document.querySelectorAll("#viewer-controls select");
      const choose = (select, value) => { select.value = value; select.dispatchEvent(new Event("change")); };
      const names = [run.length, iteration.length, episode.length].map(String);
      choose(run, "3"); choose(iteration, "1"); choose(episode, "1");
      return [...names, document.querySelector("#episode p").textContent];
    })()`);
    expect(chosen.slice(0, 3)).toEqual(["4", "2", "6"]);
    expect(chosen[3]).toContain("#1 · failure · return 0");
  });

  test("tokens stand as their texts, shaded by entropy, special ones framed", async () => {
    await browser.open(page, WIDE);
    const tokens = await browser.evaluate<[string, string, string, boolean][]>(
      `[...document.querySelector(".step pre:last-child").children].map((token) => [
        token.textContent, token.title, token.style.getPropertyValue("--share"), token.classList.contains("special")])`,
    );
    // Ids of the built-in model: "craft 4 dark oak planks", padding, the end of the line.
    expect(tokens.map(([text]) => text.trim())).toEqual([
      "craft",
      "4",
      "dark",
      "oak",
      "planks",
      "<pad>",
      "⏎",
    ]);
    expect(tokens.map(([, title]) => title)[3]).toBe("0.600 nats");
    expect(tokens.map(([, , share]) => Number(share))).toEqual([
      0, 0.133, 0.267, 0.4, 0.533, 0.667, 0.8,
    ]);
    expect(tokens[5]![3]).toBe(true);
  });

  test("an arm that is switched off leaves the curves", async () => {
    await browser.open(page, WIDE);
    const lines = await browser.evaluate<string[]>(`(() => {
      const before = plots[1].series.length;
      document.querySelector("#curve-controls input").click();
      return [before, plots[1].series.length].map(String);
    })()`);
    expect(lines).toEqual(["7", "4"]);
  });
});

test("twelve runs of 150 iterations: under 15 MB, open in under two seconds", async () => {
  const page = await report("large", 3, 4, 150, 400);
  expect(statSync(page).size).toBeLessThan(15e6);
  const elapsedMs = await browser.open(page, WIDE);
  expect(await browser.evaluate<string>("document.documentElement.dataset.ready")).toBe("yes");
  // Heavy enough to mean something: trajectories fill their share of the page.
  expect(statSync(page).size).toBeGreaterThan(8e6);
  console.log(`opened in ${elapsedMs.toFixed(0)} ms`);
  expect(elapsedMs).toBeLessThan(2000);
});

test("embedded JSON cannot leave its element and reads back as it was", () => {
  const text = embeddedJson({ [HOSTILE]: HOSTILE });
  expect(text).not.toMatch(/[<>&\u2028\u2029\ud800-\udfff]/);
  expect(JSON.parse(text)).toEqual({ [HOSTILE]: HOSTILE });
});

test("escaped HTML has no character that means something", () => {
  expect(escapeHtml(`<a b="c" d='e'>&`)).toBe("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
});
