/** What is measured: the same shapes and data for all contestants. Python reads these objects too, as JSON. */

interface Sizes {
  /** Features, units, steps, rows. */
  readonly I: number;
  readonly H: number;
  readonly T: number;
  readonly B: number;
}

/** One LSTM layer from zero states; all its outputs [B, T, H]. */
export interface ForwardWork extends Sizes {
  readonly kind: "forward";
  readonly id: string;
}

/** One step of one LSTM layer for one row, the state kept from step to step; T steps are compared. */
export interface StepWork extends Sizes {
  readonly kind: "step";
  readonly id: string;
}

/** LSTM(H) -> LSTM(H) -> Dense(1) on the last step, mean squared error: one Adam step. */
export interface ForecastWork extends Sizes {
  readonly kind: "forecast";
  readonly id: string;
}

/** Embedding(V, I) -> LSTM(H) -> LSTM(H) -> Dense(V) at every step, cross-entropy of logits: one Adam step. */
export interface CharactersWork extends Sizes {
  readonly kind: "characters";
  readonly id: string;
  readonly V: number;
}

export type Work = ForwardWork | StepWork | ForecastWork | CharactersWork;

const forward = (I: number, H: number, T: number, B: number): ForwardWork => ({
  ...{ kind: "forward", id: `forward-I${I}-H${H}-T${T}-B${B}`, I, H, T, B },
});
const step = (H: number): StepWork => ({ kind: "step", id: `step-H${H}`, I: H, H, T: 16, B: 1 });
const characters = (I: number, H: number, T: number, B: number): CharactersWork => ({
  ...{ kind: "characters", id: `train-characters-${H}`, V: 65, I, H, T, B },
});

export const WORKS: readonly Work[] = [
  forward(1, 50, 30, 32),
  forward(100, 128, 50, 10),
  forward(128, 128, 50, 1),
  forward(128, 128, 50, 32),
  forward(256, 256, 50, 32),
  forward(512, 512, 20, 64),
  step(64),
  step(128),
  step(256),
  { kind: "forecast", id: "train-forecast", I: 1, H: 50, T: 30, B: 64 },
  characters(65, 128, 50, 50),
  characters(256, 256, 64, 64),
];

export function isTraining({ kind }: Work): boolean {
  return kind === "forecast" || kind === "characters";
}

export function titleOf(work: Work): string {
  const { I, H, T, B } = work;
  if (work.kind === "forward") return `forward I${I} H${H} T${T} B${B}`;
  if (work.kind === "step") return `streaming step I${I} H${H}`;
  if (work.kind === "forecast") return `training 2xLSTM${H} + Dense1, B${B} T${T} I${I}`;
  return `training Embedding${I} + 2xLSTM${H} + Dense${work.V}, B${B} T${T}`;
}

/**
 * Matmul FLOP that one call must execute: three times the forward product in training, without the gradient of data. A gathered
 * embedding counts none, neither do the products of its rows with the weights of the layer above.
 */
export function flopOf(work: Work): number {
  const { I, H, T, B } = work;
  const layer = (features: number) => 2 * B * T * 4 * H * (features + H);
  if (work.kind === "forward") return layer(I);
  if (work.kind === "step") return 8 * H * (I + H);
  const recurrent = 3 * (layer(0) + layer(H));
  if (work.kind === "characters") return recurrent + 3 * 2 * B * T * H * work.V;
  return recurrent + 2 * (2 * B * T * 4 * H * I) + 3 * 2 * B * H;
}
