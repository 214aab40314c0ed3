/** A headless browser for pages that empg writes, driven over the DevTools protocol. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { readTar } from "../../src/core/tar.ts";

const PACKAGE = join(import.meta.dir, "../../node_modules/@sparticuz/chromium");

/** The browser out of the package's archives, unpacked once per version. */
function unpacked(): { program: string; libraries: string } {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const directory = join(tmpdir(), `empg-chromium-${version}-${process.getuid?.()}`);
  const found = { program: join(directory, "chromium"), libraries: join(directory, "lib") };
  if (existsSync(directory)) return found;
  const partial = mkdtempSync(`${directory}-`);
  const archive = (name: string) => brotliDecompressSync(readFileSync(join(PACKAGE, "bin", name)));
  writeFileSync(join(partial, "chromium"), archive("chromium.br"), { mode: 0o755 });
  for (const [name, directory] of [
    ["al2023.tar.br", "lib"],
    ["fonts.tar.br", "fonts"],
    ["swiftshader.tar.br", "."],
  ] as const) {
    for (const [path, contents] of readTar(archive(name))) {
      const file = join(partial, directory, path.replace(/^(lib|fonts)\//, ""));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents, { mode: 0o755 });
    }
  }
  const fonts = join(directory, "fonts");
  writeFileSync(
    join(partial, "fonts.conf"),
    `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${directory}/cache</cachedir></fontconfig>`,
  );
  try {
    renameSync(partial, directory);
  } catch {
    // Another process was first.
    rmSync(partial, { recursive: true });
  }
  return found;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

/** One tab. What the page complains about and what it asks of the network is kept. */
export class Chromium implements AsyncDisposable {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];
  readonly #child: Bun.Subprocess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #loaded = Promise.withResolvers<void>();
  #count = 0;

  private constructor(child: Bun.Subprocess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)));
  }

  static async start(): Promise<Chromium> {
    const { program, libraries } = unpacked();
    const profile = mkdtempSync(join(tmpdir(), "empg-browser-"));
    const child = Bun.spawn(
      [
        ...[program, "--headless", "--no-sandbox", "--disable-gpu", "--no-zygote"],
        ...["--single-process", "--hide-scrollbars", "--disable-dev-shm-usage"],
        ...["--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
      ],
      {
        env: {
          HOME: profile,
          LD_LIBRARY_PATH: libraries,
          FONTCONFIG_FILE: join(dirname(program), "fonts.conf"),
        },
        stdout: "ignore",
        stderr: "pipe",
      },
    );
    try {
      const port = await portOf(child.stderr as ReadableStream<Uint8Array>);
      const pages = await fetch(`http://127.0.0.1:${port}/json/list`).then((reply) => reply.json());
      const page = (pages as { type: string; webSocketDebuggerUrl: string }[]).find(
        ({ type }) => type === "page",
      );
      const socket = new WebSocket(page!.webSocketDebuggerUrl);
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      const browser = new Chromium(child, profile, socket);
      for (const domain of ["Page", "Runtime", "Log", "Network"]) {
        await browser.send(`${domain}.enable`);
      }
      return browser;
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** A command of the protocol. */
  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await answer.promise;
  }

  /** Opens a file and waits until it is loaded. @returns milliseconds from navigation to the end of loading */
  async open(file: string, { width, height, dark = false }: View): Promise<number> {
    this.complaints.length = 0;
    this.requests.length = 0;
    const size = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.send("Emulation.setDeviceMetricsOverride", size);
    const scheme = { name: "prefers-color-scheme", value: dark ? "dark" : "light" };
    await this.send("Emulation.setEmulatedMedia", { features: [scheme] });
    this.#loaded = Promise.withResolvers<void>();
    const began = performance.now();
    await this.send("Page.navigate", { url: `file://${file}` });
    await this.#loaded.promise;
    return performance.now() - began;
  }

  /** The value of an expression in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: Value }).value;
  }

  /** A PNG of the whole page, or of a part of its height. */
  async screenshot(file: string, from = 0, height?: number): Promise<void> {
    const [width, whole] = await this.evaluate<[number, number]>(
      "[innerWidth, document.documentElement.scrollHeight]",
    );
    const clip = { x: 0, y: from, width, height: height ?? whole - from, scale: 1 };
    const { data } = await this.send("Page.captureScreenshot", {
      ...{ format: "png", clip, captureBeyondViewport: true },
    });
    writeFileSync(file, Buffer.from(data as string, "base64"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    rmSync(this.#profile, { recursive: true, force: true });
  }

  #receive({ id, method, params = {}, result, error }: Message): void {
    if (id !== undefined) {
      const answer = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result ?? {});
    } else if (method === "Page.loadEventFired") this.#loaded.resolve();
    else if (method === "Network.requestWillBeSent") {
      this.requests.push((params as { request: { url: string } }).request.url);
    } else if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") {
      this.complaints.push(JSON.stringify(params));
    } else if (method === "Runtime.consoleAPICalled") this.complaints.push(JSON.stringify(params));
  }
}

/** The port that the browser chose, from what it says when it listens. */
async function portOf(stderr: ReadableStream<Uint8Array>): Promise<number> {
  let said = "";
  const decoder = new TextDecoder();
  for await (const chunk of stderr) {
    said += decoder.decode(chunk, { stream: true });
    const port = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said)?.[1];
    if (port) return Number(port);
  }
  throw new Error(`the browser ended: ${said.slice(-2000)}`);
}
