/** What most pages import, a part of the public names: see build-package.ts. */
export { init } from "../src/init.ts";
export { Dense } from "../src/layers/dense.ts";
export { LSTM } from "../src/layers/lstm.ts";
export { Sequential } from "../src/models/sequential.ts";
export { Adam } from "../src/optimizers/adam.ts";
