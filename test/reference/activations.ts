import { at, dot, row } from "./elements.ts";

export const exp: (x: number) => number = Math.exp;

/** 1 / (1 + e^-x) */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** d sigmoid / dx, from y = sigmoid(x). */
export function dSigmoid(y: number): number {
  return y * (1 - y);
}

export const tanh: (x: number) => number = Math.tanh;

/** d tanh / dx, from y = tanh(x). */
export function dTanh(y: number): number {
  return 1 - y * y;
}

export interface Differentiable {
  /** y = f(x) */
  readonly f: (x: number) => number;
  /** dy / dx, from y. */
  readonly d: (y: number) => number;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const LEAK = 0.2;

const clamped = (x: number, low: number, high: number) => (x < low ? low : x > high ? high : x);

export type ActivationTwin =
  | "linear"
  | "tanh"
  | "sigmoid"
  | "hardSigmoid"
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "selu"
  | "softplus"
  | "softsign"
  | "exponential";

/** Keras 3's definitions under its names in camelCase; at a kink `d` is the slope that PyTorch and Keras take there. */
export const ACTIVATION_TWINS: Readonly<Record<ActivationTwin, Differentiable>> = {
  linear: { f: (x) => x, d: () => 1 },
  tanh: { f: tanh, d: dTanh },
  sigmoid: { f: sigmoid, d: dSigmoid },
  hardSigmoid: { f: (x) => clamped(x + 3, 0, 6) / 6, d: (y) => (y > 0 && y < 1 ? 1 / 6 : 0) },
  relu: { f: (x) => (x < 0 ? 0 : x), d: (y) => (y > 0 ? 1 : 0) },
  relu6: { f: (x) => clamped(x, 0, 6), d: (y) => (y > 0 && y < 6 ? 1 : 0) },
  leakyRelu: { f: (x) => (x > 0 ? x : LEAK * x), d: (y) => (y > 0 ? 1 : LEAK) },
  elu: { f: (x) => (x > 0 ? x : Math.expm1(x)), d: (y) => (y > 0 ? 1 : y + 1) },
  selu: {
    f: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    d: (y) => (y > 0 ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA),
  },
  softplus: { f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), d: (y) => -Math.expm1(-y) },
  softsign: { f: (x) => x / (1 + Math.abs(x)), d: (y) => (1 - Math.abs(y)) ** 2 },
  exponential: { f: exp, d: (y) => y },
};

/** Each row of x [N, F] as e^x / sum of e^x. */
export function softmax(x: Float64Array, N: number, F: number): Float64Array {
  const y = new Float64Array(N * F);
  for (let n = 0; n < N; n++) {
    const z = row(x, n, F);
    const largest = Math.max(...z);
    const total = z.reduce((sum, value) => sum + exp(value - largest), 0);
    for (let f = 0; f < F; f++) y[n * F + f] = exp(at(z, f) - largest) / total;
  }
  return y;
}

/** dx = y (dy - sum of y dy), row by row, from y = softmax(x). */
export function dSoftmax(dy: Float64Array, y: Float64Array, N: number, F: number): Float64Array {
  const dx = new Float64Array(N * F);
  for (let n = 0; n < N; n++) {
    const mean = dot(row(y, n, F), row(dy, n, F));
    for (let f = 0; f < F; f++) dx[n * F + f] = at(y, n * F + f) * (at(dy, n * F + f) - mean);
  }
  return dx;
}
