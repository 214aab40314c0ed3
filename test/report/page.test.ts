/** The page in a real browser: it draws, it shows, it asks nobody, and no text in it comes alive. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { embeddedJson } from "../../src/report/embedded-json.ts";
import { escapeHtml } from "../../src/report/page-html.ts";
import { Chromium } from "../support/chromium.ts";
import { HOSTILE, WORDS, writeHostileComparison } from "../support/hostile-runs.ts";
import { evaluation, metrics, runConfig, savedEpisode, writeRun } from "../support/report-runs.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

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

async function report(name: string, ...size: [number, number, number, number]): Promise<string> {
  writeHostileComparison(directory.file(name), ...size);
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
        return ["ink", "soft", "good", "bad", "link"].flatMap((one) => [ratio(one, "paper"), ratio(one, "panel")]);
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
      return [...names, document.querySelector("#episode h3").textContent];
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

  test("the buttons by word lead from one such turn to the next", async () => {
    await browser.open(page, WIDE);
    const met = await browser.evaluate<string[]>(`(() => {
      const button = [...document.querySelectorAll("#verdict-controls button")]
        .find((one) => one.textContent.startsWith("damped"));
      const met = [button.textContent];
      for (let press = 0; press < 2; press++) {
        button.click();
        const turn = document.activeElement.closest(".step");
        met.push(document.querySelector("#episode h3").textContent.match(/#\\d/)[0]
          + " " + document.activeElement.textContent + " " + turn.querySelector(".verdict").textContent);
      }
      return met;
    })()`);
    expect(met).toEqual([
      "damped (12)",
      "#0 turn 2 · observation damped",
      "#1 turn 2 · observation damped",
    ]);
  });

  test("headings never skip a level, every control has a name, every column a heading", async () => {
    await browser.open(page, WIDE);
    const levels = await browser.evaluate<number[]>(
      `[...document.querySelectorAll("h1, h2, h3, h4")].map((one) => Number(one.tagName[1]))`,
    );
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => {
      expect(level - levels[i]!).toBeLessThanOrEqual(1);
    });
    await browser.send("Accessibility.enable");
    const { nodes } = (await browser.send("Accessibility.getFullAXTree")) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const named = (role: string) =>
      nodes.filter((one) => !one.ignored && one.role?.value === role).map((one) => one.name?.value);
    for (const [role, least] of [
      ["button", 8],
      ["checkbox", 4],
      ["combobox", 4],
      ["image", 14],
      ["columnheader", 30],
      ["rowheader", 10],
    ] as const) {
      expect(named(role).length).toBeGreaterThanOrEqual(least);
      expect(named(role)).not.toContain("");
    }
  });

  test("what has the keyboard's focus is framed", async () => {
    await browser.open(page, WIDE);
    for (const type of ["keyDown", "keyUp"]) {
      await browser.send("Input.dispatchKeyEvent", {
        type,
        key: "Tab",
        code: "Tab",
        windowsVirtualKeyCode: 9,
      });
    }
    const style = await browser.evaluate<string>(
      "document.activeElement.tagName + ' ' + getComputedStyle(document.activeElement).outline",
    );
    expect(style).toMatch(/^A .*solid 2px$/);
  });

  test("an arm that is switched off leaves the curves", async () => {
    await browser.open(page, WIDE);
    const lines = await browser.evaluate<string[]>(`(() => {
      const before = plots[1].series.length;
      document.querySelector("#curve-controls input").click();
      return [before, plots[1].series.length].map(String);
    })()`);
    expect(lines).toEqual(["9", "5"]);
  });
});

test("hostile names, settings and evaluations of runs that were started by hand are letters as well", async () => {
  // TOML has no lone surrogates.
  const text = HOSTILE.toWellFormed();
  const runs = ["a", "b"].map((name) =>
    writeRun(directory.file(name), {
      config: {
        ...runConfig(),
        model: { path: `${text}${name}` },
        env: { name: text, split: text },
        algorithm: { method: text },
      },
      metrics: [metrics(1), metrics(2)],
      evaluations: [evaluation(0, { a: [0, 2] }, { split: HOSTILE, tasks_hash: HOSTILE })],
      signals: [{ iteration: 2, signal: HOSTILE, value: 3, limit: 1, action: "warn" }],
    }),
  );
  const page = directory.file("by-hand.html");
  const { code, notes } = await runCli(["report", ...runs, "--out", page]);
  expect({ code, notes }).toEqual({ code: 0, notes: "" });
  await browser.open(page, WIDE);
  expect(browser.complaints).toEqual([]);
  expect(browser.requests).toEqual([`file://${page}`]);
  expect(await browser.evaluate("window.broken ?? null")).toBeNull();
  expect(await browser.evaluate("document.querySelectorAll('img').length")).toBe(0);
  expect(await browser.evaluate("document.scripts.length")).toBe(3);
  expect(await browser.evaluate<string>("document.querySelector('h1 + p').textContent")).toContain(
    "</script><script>window.broken=1</script>",
  );
});

test.each([WIDE, PHONE])(
  "names of all that differs leave most of a table to its figures: %j",
  async (screen) => {
    const runs = [0.1, 0.2].map((value) =>
      writeRun(directory.file(`long-${value}`), {
        config: {
          ...runConfig(),
          modulation: { type: "empg", k: value, k_prime: value, zeta: value },
          optimizer: { learning_rate: value, weight_decay: value, warmup_updates: value * 10 },
          rollout: { temperature: value, max_tokens_per_turn: value * 10 },
        },
        metrics: [metrics(30)],
        evaluations: [evaluation(0, { a: [0, 2] }), evaluation(30, { a: [1, 2] })],
      }),
    );
    const page = directory.file("long-names.html");
    expect((await runCli(["report", ...runs, "--out", page])).code).toBe(0);
    await browser.open(page, screen);
    const shares = await browser.evaluate<number[]>(
      `[...document.querySelectorAll(".scroll tbody th, .scroll thead th")].map((name) =>
      name.getBoundingClientRect().width / name.closest(".scroll").getBoundingClientRect().width)`,
    );
    expect(shares.length).toBeGreaterThan(12);
    expect(Math.max(...shares)).toBeLessThan(0.5);
  },
);

describe("a run that saved hundreds of episodes every iteration, with turns of a megabyte", () => {
  let page = "";
  beforeAll(async () => {
    const long = Array.from({ length: 4000 }, (_, i) => ({
      ...{ observation: `turn ${i}`, tokens: [5, 20, 211], entropies: [0, 0.5, 1] },
    }));
    const huge = {
      observation: "x".repeat(1e6),
      response: "<b>".repeat(3e5),
      tokens: Array.from({ length: 100_000 }, (_, i) => i % 300),
      entropies: Array.from({ length: 100_000 }, (_, i) => (i % 20) / 10),
    };
    const few = Array.from({ length: 300 }, (_, i) => savedEpisode(`short#${i}`, long.slice(0, 8)));
    const iterations = Array.from({ length: 30 }, (_, i) => i + 1);
    const path = writeRun(directory.file("every"), {
      metrics: iterations.map((at) => metrics(at)),
      rollouts: {
        ...Object.fromEntries(iterations.map((at) => [at, few])),
        1: [savedEpisode("huge#0", [huge]), savedEpisode("long#0", long), ...few],
      },
    });
    page = directory.file("every.html");
    expect((await runCli(["report", path, "--out", page])).code).toBe(0);
  });

  test("the page stays under 15 MB and opens in two seconds on its largest turn", async () => {
    expect(statSync(page).size).toBeLessThan(15e6);
    expect(await browser.open(page, WIDE)).toBeLessThan(2000);
    expect(
      await browser.evaluate<string>("document.querySelector('#episode h3').textContent"),
    ).toContain("huge#0");
  });

  test("another episode of thousands of turns is there within a second, its turns in portions", async () => {
    await browser.open(page, WIDE);
    const [elapsedMs, turns] = await browser.evaluate<[number, number]>(`(() => {
      const began = performance.now();
      [...document.querySelectorAll("#viewer-controls button")].at(-1).click();
      document.body.getBoundingClientRect();
      return [performance.now() - began, document.querySelectorAll(".step").length];
    })()`);
    expect(turns).toBe(100);
    expect(elapsedMs).toBeLessThan(1000);
    await browser.evaluate('document.querySelector("#episode > button").click()');
    const last = '[...document.querySelectorAll("#episode h4")].at(-1).textContent';
    expect(await browser.evaluate<string>(last)).toBe("turn 200 · observation");
  });

  test("the tokens of a long turn come in portions, in order, until all are there", async () => {
    await browser.open(page, WIDE);
    const counts = await browser.evaluate<number[]>(`(() => {
      const counts = [];
      for (let press = 0; press < 34; press++) {
        counts.push(document.querySelectorAll("#episode .token").length);
        document.querySelector("#episode pre button")?.click();
      }
      return [counts[0], counts[1], counts.at(-1), document.querySelectorAll("#episode pre button").length];
    })()`);
    expect(counts).toEqual([3000, 6000, 100_000, 0]);
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
