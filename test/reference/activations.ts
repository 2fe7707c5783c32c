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
