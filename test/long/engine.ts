/** Says which engine runs which binary. */
import { init } from "gatefold";

const { engine, variant } = await init();
console.log(`${engine}, ${variant} binary`);
