/** Layers by kind, as files name them. */
import { Activation } from "../layers/activation.ts";
import { Dense } from "../layers/dense.ts";
import { Dropout } from "../layers/dropout.ts";
import { Embedding } from "../layers/embedding.ts";
import type { Layer } from "../layers/layer.ts";
import { LayerNormalization } from "../layers/layer-normalization.ts";
import { LSTM } from "../layers/lstm.ts";
import { Masking } from "../layers/masking.ts";
import { Add, Concatenate, Multiply } from "../layers/merge.ts";
import { SimpleRNN } from "../layers/simple-rnn.ts";
import { TimeDistributed } from "../layers/time-distributed.ts";

type LayerClass = new (options: never) => Layer;

/** Every kind of layer. */
export const LAYERS: ReadonlyMap<string, LayerClass> = new Map<string, LayerClass>([
  ["Activation", Activation],
  ["Add", Add],
  ["Concatenate", Concatenate],
  ["Dense", Dense],
  ["Dropout", Dropout],
  ["Embedding", Embedding],
  ["LSTM", LSTM],
  ["LayerNormalization", LayerNormalization],
  ["Masking", Masking],
  ["Multiply", Multiply],
  ["SimpleRNN", SimpleRNN],
  ["TimeDistributed", TimeDistributed],
]);

/** Kinds whose option `layer` is a layer: in files its number among the layers. */
export const WRAPPERS: ReadonlySet<string> = new Set(["TimeDistributed"]);
