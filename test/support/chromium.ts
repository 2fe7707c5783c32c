/** Chromium without a window, driven through the DevTools protocol over two pipes: no port, no package. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--remote-debugging-pipe",
];

type Answer = Record<string, unknown>;

/** The path of a Chromium: of the environment's CHROMIUM, or on the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = process.env.CHROMIUM;
  return (given ? [given] : NAMES).find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: { result?: Answer; error?: { message: string } }) => void>();
  readonly #listeners = new Map<string, ((params: Answer) => void)[]>();
  #last = 0;

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
    let rest = "";
    (child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  static async start(path: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "gatefold-chromium-"));
    const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    return new Chromium(child, profile);
  }

  /** An empty page. */
  async open(): Promise<Tab> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    return new Tab((method, params) => this.send(method, params, String(sessionId)));
  }

  send(method: string, params: Answer = {}, sessionId?: string): Promise<Answer> {
    const id = ++this.#last;
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result ?? {}),
      );
    });
  }

  on(method: string, listener: (params: Answer) => void): void {
    this.#listeners.set(method, [...(this.#listeners.get(method) ?? []), listener]);
  }

  /** The next event of this name. */
  once(method: string): Promise<Answer> {
    return new Promise((resolve) => this.on(method, resolve));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    await this.send("Browser.close").catch(() => this.#child.kill());
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 3 });
  }

  #receive(message: {
    id?: number;
    method?: string;
    params?: Answer;
    result?: Answer;
    error?: { message: string };
  }): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
    for (const listener of this.#listeners.get(message.method ?? "") ?? []) listener(message.params ?? {});
  }
}

/** Where an element stands in the window. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export class Tab {
  readonly send: (method: string, params?: Answer) => Promise<Answer>;

  constructor(send: Tab["send"]) {
    this.send = send;
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, ...options });
    if (exceptionDetails) throw new Error(`${expression} throws ${JSON.stringify(exceptionDetails)}`);
    return (result as { readonly value: unknown }).value;
  }

  /** Waits until the page has drawn what it was told to. */
  async settle(): Promise<void> {
    await this.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))");
  }

  async boxOf(selector: string): Promise<Box> {
    const box = `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().toJSON()`;
    return (await this.evaluate(box)) as Box;
  }

  /** A mouse event in the middle of a box's height, at this share of its width. */
  async mouse(type: string, { left, top, width, height }: Box, at: number, clickCount: number = 1): Promise<void> {
    const place = { x: left + at * width, y: top + height / 2 };
    const held = type === "mouseMoved" ? {} : { button: "left", clickCount };
    await this.send("Input.dispatchMouseEvent", { type, ...place, ...held });
  }

  /** What the window shows, or the whole page. */
  async screenshot(path: string, { isWhole = false }: { readonly isWhole?: boolean } = {}): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: isWhole, format: "png" });
    await writeFile(path, Buffer.from(String(data), "base64"));
  }
}
