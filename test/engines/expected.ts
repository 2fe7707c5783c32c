/** The hash of the weights after training.ts. It changes when kernels, initial weights or the training change, and only then. */
export const EXPECTED_HASH: string = "4899671c52002eaf";
