/**
 * Trains with so many threads, `node shared.mjs THREADS WORKER`, and prints `<hash> <threads> <time> <engine>`; then nothing
 * is left but workers, and the program must end. run.ts bundles this file and runs it on every engine.
 */
import * as gatefold from "../../src/index.ts";
import { train } from "./shared-training.ts";

const [threads = "1", workerUrl] = process.argv.slice(2);
const info = await gatefold.init({ numerics: "strict", threads: Number(threads), workerUrl });
console.log(await train(gatefold), info.threads, Date.now(), info.engine);
