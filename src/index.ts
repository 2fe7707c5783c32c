/** The public names of gatefold; a snapshot test holds them. */
export type { CoreInfo, Variant } from "./core/context.ts";
export type { InitOptions } from "./core/request.ts";
export {
  FormatError,
  OptionError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
} from "./errors.ts";
export { init } from "./init.ts";
export { initSync } from "./init-sync.ts";
export { Activation, type ActivationName, type ActivationOptions } from "./layers/activation.ts";
export { Dense, type DenseOptions } from "./layers/dense.ts";
export { Dropout, type DropoutOptions } from "./layers/dropout.ts";
export { Embedding, type EmbeddingOptions } from "./layers/embedding.ts";
export { type DType, type InputOptions, input, type Shape, type SymbolicTensor } from "./layers/graph.ts";
export type { Layer, LayerOptions, NamedTensors, SeededOptions } from "./layers/layer.ts";
export { LayerNormalization, type LayerNormalizationOptions } from "./layers/layer-normalization.ts";
export { LSTM, type LSTMSymbols } from "./layers/lstm.ts";
export { Masking, type MaskingOptions } from "./layers/masking.ts";
export { Add, Concatenate, Multiply } from "./layers/merge.ts";
export type {
  LSTMForwardOptions,
  LSTMInputGradients,
  LSTMOptions,
  LSTMOutputGradients,
  LSTMResult,
  LSTMState,
  LSTMSymbolicState,
  RecurrentForwardOptions,
  RecurrentOptions,
  RNNInputGradients,
  RNNOutputGradients,
  RNNResult,
  RNNState,
  RNNSymbolicState,
} from "./layers/recurrent-types.ts";
export type { RowWiseForwardOptions } from "./layers/row-wise.ts";
export { type RNNSymbols, SimpleRNN } from "./layers/simple-rnn.ts";
export { TimeDistributed, type TimeDistributedOptions } from "./layers/time-distributed.ts";
export { BinaryCrossentropy, type BinaryCrossentropyOptions } from "./losses/binary-crossentropy.ts";
export {
  CategoricalCrossentropy,
  type CategoricalCrossentropyOptions,
  SparseCategoricalCrossentropy,
  type SparseCategoricalCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from "./losses/crossentropy.ts";
export type { LossFunction } from "./losses/custom.ts";
export {
  Huber,
  type HuberOptions,
  KLDivergence,
  LogCosh,
  MeanAbsoluteError,
  MeanSquaredError,
  meanSquaredError,
  Poisson,
} from "./losses/elementwise.ts";
export type { Loss, LossComputeOptions, LossValue } from "./losses/loss.ts";
export type { LossConfig, LossLike, LossName } from "./losses/resolve.ts";
export {
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
  type TopKOptions,
} from "./metrics/accuracy.ts";
export { AUC, type AUCOptions } from "./metrics/auc.ts";
export { type DecisionOptions, F1Score, Precision, Recall } from "./metrics/confusion.ts";
export type { MetricFunction } from "./metrics/custom.ts";
export type { Metric, MetricOptions, MetricTarget, RowsView } from "./metrics/metric.ts";
export { Perplexity, type PerplexityOptions } from "./metrics/perplexity.ts";
export {
  MeanAbsoluteErrorMetric,
  MeanAbsolutePercentageError,
  MeanSquaredErrorMetric,
  RootMeanSquaredError,
} from "./metrics/regression.ts";
export type { MetricConfig, MetricLike, MetricName } from "./metrics/resolve.ts";
export type { EvaluateOptions } from "./models/base-model.ts";
export { load } from "./models/load.ts";
export { type GraphOptions, Model, type PredictionOf, type Symbols } from "./models/model.ts";
export type { ModelOptions, PredictOptions, WarmupOptions } from "./models/network.ts";
export type { SaveOptions } from "./models/save.ts";
export { Sequential, type SequentialOptions } from "./models/sequential.ts";
export type { Stream, StreamOptions } from "./models/stream.ts";
export type { SummaryOptions } from "./models/summary.ts";
export { Adadelta, type AdadeltaOptions, Adagrad, type AdagradOptions } from "./optimizers/adagrad.ts";
export { Adam, type AdamFamilyOptions, type AdamOptions, AdamW, type AdamWOptions } from "./optimizers/adam.ts";
export { Adamax } from "./optimizers/adamax.ts";
export { Lion, type LionOptions } from "./optimizers/lion.ts";
export { Nadam, type NadamOptions, RAdam } from "./optimizers/nadam.ts";
export type { Optimizer } from "./optimizers/optimizer.ts";
export type { OptimizerOptions, Preset } from "./optimizers/options.ts";
export type { OptimizerLike, OptimizerName } from "./optimizers/resolve.ts";
export { RMSprop, type RMSpropOptions } from "./optimizers/rmsprop.ts";
export { LearningRateSchedule } from "./optimizers/schedule.ts";
export {
  ConstantLearningRate,
  type ConstantLearningRateOptions,
  CosineDecay,
  type CosineDecayOptions,
  ExponentialDecay,
  type ExponentialDecayOptions,
  PiecewiseConstantDecay,
  type PiecewiseConstantDecayOptions,
  StepDecay,
  type StepDecayOptions,
} from "./optimizers/schedules.ts";
export { SGD, type SGDOptions } from "./optimizers/sgd.ts";
export { Random } from "./random.ts";
export { type NestedArray, type Tensor, type TensorLike, tensor } from "./shape.ts";
export type { Callback, CallbackModel, FitRun, Logs } from "./training/callback.ts";
export { type ModelCheckpointOptions, modelCheckpoint } from "./training/checkpoint.ts";
export type { CompileOptions } from "./training/compile.ts";
export { type CsvLoggerOptions, csvLogger } from "./training/csv-logger.ts";
export { type EarlyStopping, type EarlyStoppingOptions, earlyStopping } from "./training/early-stopping.ts";
export type { ProgressStream } from "./training/epoch-report.ts";
export type { BatchArrays, BatchSource, FitOptions, ValidationData } from "./training/fit-options.ts";
export { History } from "./training/history.ts";
export type { MonitorMode, MonitorOptions } from "./training/monitor.ts";
export { type ReduceLearningRateOnPlateauOptions, reduceLearningRateOnPlateau } from "./training/plateau.ts";
export { type ProgressBarOptions, progressBar } from "./training/progress.ts";
export type { Arrays, DataOptions, Lengths } from "./training/read.ts";
