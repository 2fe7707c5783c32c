/** A contestant's process, as the parent sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Contestant } from "./contestants.ts";
import type { Prepared, Ran, Refusal, Request, Usage } from "./protocol.ts";

interface Answers {
  readonly prepare: Prepared;
  readonly run: Ran;
  readonly usage: Usage;
}

export class Process {
  readonly startedAt: number = performance.now();
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #errors = "";

  constructor({ command, args, env }: Contestant) {
    this.#child = spawn(command, args, { stdio: ["pipe", "ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#child.on("error", (error) => {
      this.#errors += String(error);
    });
    this.#child.stderr?.on("data", (text) => {
      this.#errors = `${this.#errors}${text}`.slice(-2000);
    });
    this.#child.stdin?.on("error", () => {});
    this.#reader = createInterface({ input: this.#child.stdio[3] as Readable });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** A process that ended, or did not answer within `timeoutMs` and was killed, cannot. */
  async ask<Command extends Request["command"]>(
    request: Request & { readonly command: Command },
    timeoutMs = 300_000,
  ): Promise<Answers[Command] | Refusal> {
    (this.#child.stdin as Writable).write(`${JSON.stringify(request)}\n`);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), timeoutMs);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    return done ? { cannot: `ended: ${this.#errors.trim() || this.#child.signalCode}` } : JSON.parse(value);
  }

  /** Closes its input, upon which it ends. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) await ended;
    clearTimeout(timer);
    this.#reader.close();
  }
}
