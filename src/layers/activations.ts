/** Activations by the names of Keras, with the numbers that the kernels know them by (assembly/simd/activation.ts). */
export const ACTIVATIONS = {
  linear: 0,
  tanh: 1,
  sigmoid: 2,
  hardSigmoid: 3,
  relu: 4,
  relu6: 5,
  leakyRelu: 6,
  elu: 7,
  selu: 8,
  softplus: 9,
  softsign: 10,
  exponential: 11,
} as const;

export type Activation = keyof typeof ACTIVATIONS;
