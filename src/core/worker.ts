/**
 * What runs in every thread but the caller's: a file of its own, build/worker.js, that needs no other. It does the jobs of
 * its slot until the program ends.
 */
import { Slot } from "./jobs.ts";
import { builtin, READY, type Start } from "./thread.ts";

type Kernel = (...args: number[]) => unknown;

/** The same binary has the same exports in the same order, so that a kernel's place is its number. */
function work({ module, memory, jobs, slot: number }: Start, answer: (text: string) => void): void {
  const imports = { env: { memory: memory as WebAssembly.Memory } };
  const { exports } = new WebAssembly.Instance(module as WebAssembly.Module, imports);
  const kernels = Object.values(exports) as Kernel[];
  const slot = new Slot(jobs, number);
  const args: number[] = [];
  answer(READY);
  for (;;) {
    const kernel = kernels[slot.next(args)] as Kernel;
    let failure = "";
    try {
      Reflect.apply(kernel, undefined, args);
    } catch (error) {
      failure = String(error);
    }
    slot.finish(failure);
  }
}

const REFUSED = "it may not share memory with the program";

const port = builtin("node:worker_threads")?.parentPort;
if (port) {
  port.once("message", (start) => work(start as Start, (text) => port.postMessage(text)));
} else {
  globalThis.onmessage = ({ data }) => work(data, (text) => globalThis.postMessage(text));
  globalThis.onmessageerror = () => globalThis.postMessage(REFUSED);
}
