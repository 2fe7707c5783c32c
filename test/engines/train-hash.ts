/** Prints `<hash of the weights> <engine>`: run.ts bundles this file and runs it on every engine. */
import { train } from "./training.ts";

const { hash, engine } = await train();
console.log(`${hash} ${engine}`);
