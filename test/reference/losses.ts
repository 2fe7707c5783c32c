import { exp } from "./activations.ts";
import { at, row } from "./elements.ts";

/** A scalar loss and its gradient with respect to the prediction (or the logits), in the prediction's shape. */
export interface Loss {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Mean over all N elements of (prediction - target)^2. */
export function meanSquaredError(inputs: { readonly prediction: Float64Array; readonly target: Float64Array }): Loss {
  const { prediction, target } = inputs;
  const N = prediction.length;
  let sum = 0;
  const gradient = new Float64Array(N);
  for (let n = 0; n < N; n++) {
    const difference = at(prediction, n) - at(target, n);
    sum += difference * difference;
    gradient[n] = (2 * difference) / N;
  }
  return { value: sum / N, gradient };
}

export interface CrossEntropyInputs {
  /** Rows and classes. */
  readonly N: number;
  readonly V: number;
  /** [N, V] */
  readonly logits: Float64Array;
  /** [N], each in 0 .. V - 1 or equal to `ignoreIndex` */
  readonly labels: ArrayLike<number>;
  /** Rows with this label count neither in the sum nor in the mean's divisor. */
  readonly ignoreIndex?: number | undefined;
}

/** Mean over counted rows of -log softmax(logits)[label]; its gradient is (softmax - one hot) / counted rows. */
export function softmaxCrossEntropy({ N, V, logits, labels, ignoreIndex }: CrossEntropyInputs): Loss {
  let counted = 0;
  for (let n = 0; n < N; n++) if (at(labels, n) !== ignoreIndex) counted++;
  let sum = 0;
  const gradient = new Float64Array(N * V);
  for (let n = 0; n < N; n++) {
    const label = at(labels, n);
    if (label === ignoreIndex) continue;
    const z = row(logits, n, V);
    const largest = Math.max(...z);
    // Subtracting the largest logit changes nothing in exact arithmetic and keeps e^z finite.
    const total = z.reduce((partial, logit) => partial + exp(logit - largest), 0);
    sum += largest + Math.log(total) - at(z, label);
    for (let v = 0; v < V; v++) {
      const probability = exp(at(z, v) - largest) / total;
      gradient[n * V + v] = (probability - (v === label ? 1 : 0)) / counted;
    }
  }
  return { value: sum / counted, gradient };
}
