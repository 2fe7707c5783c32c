/** The public names of gatefold; a snapshot test holds them. */
export type { CoreInfo, Variant } from "./core/context.ts";
export { type InitOptions, init, initSync } from "./core/load.ts";
export {
  FormatError,
  OptionError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
} from "./errors.ts";
export { Dense, type DenseForwardOptions, type DenseOptions } from "./layers/dense.ts";
export type { Layer, NamedTensors } from "./layers/layer.ts";
export { LSTM } from "./layers/lstm.ts";
export type {
  LSTMForwardOptions,
  LSTMInputGradients,
  LSTMOptions,
  LSTMOutputGradients,
  LSTMResult,
  LSTMState,
} from "./layers/lstm-types.ts";
export { sparseCategoricalCrossentropy } from "./losses/cross-entropy.ts";
export { type Loss, meanSquaredError } from "./losses/mean-squared-error.ts";
export { Adam, type AdamOptions, AdamW, type AdamWOptions } from "./optimizers/adam.ts";
export type { ClippingOptions, Optimizer, Preset } from "./optimizers/optimizer.ts";
export { SGD, type SGDOptions } from "./optimizers/sgd.ts";
export { Random } from "./random.ts";
export { type NestedArray, type Tensor, type TensorLike, tensor } from "./shape.ts";
