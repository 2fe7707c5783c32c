/** What is asked of every damaged file of a model. */
import { requireCore } from "../../src/core/context.ts";
import { load, type Tensor } from "../../src/index.ts";
import { requirePrototypesUntouched } from "./mutate.ts";
import { type AnyModel, only } from "./saved-models.ts";

/** Elements of a prediction that is still worth its time. */
const MOST_ELEMENTS = 1_000_000;
const STEPS = 3;

/** Bytes of the core in use, without the scratch that all calls share. */
export function heldBytes(): number {
  const { memory, scratch } = requireCore();
  return memory.usedBytes - scratch.bytes;
}

/**
 * Loads the bytes. They end in FormatError, false, or in a model that predicts, trains a batch or refuses it with an error
 * of a known kind, and is saved as a file that loads and is saved again as the same bytes: true.
 */
export function tryLoading(bytes: Uint8Array): boolean {
  const before = heldBytes();
  const model = modelOrRefusal(bytes);
  try {
    if (model !== undefined) use(model);
  } finally {
    model?.dispose();
  }
  requirePrototypesUntouched();
  if (heldBytes() !== before) throw new Error(`${heldBytes() - before} bytes stay in use.`);
  return model !== undefined;
}

function modelOrRefusal(bytes: Uint8Array): AnyModel | undefined {
  try {
    return load(bytes);
  } catch (error) {
    if (error instanceof Error && error.name === "FormatError") return undefined;
    throw error;
  }
}

function use(model: AnyModel): void {
  const widest = Math.max(...model.graph.values.map(({ symbol }) => elementsOf(symbol.shape)));
  const file = model.save({ optimizer: model.isTraining });
  const again = load(file);
  const second = again.save({ optimizer: again.isTraining });
  again.dispose();
  if (Buffer.compare(file, second) !== 0) throw new Error("Saved again it is another file.");
  if (widest > MOST_ELEMENTS) return;
  model.resetStates();
  model.predict(only(inputsOf(model)));
  model.predict(only(inputsOf(model)));
  if (!model.isTraining) return;
  const y = model.outputPorts.map((port, i) => {
    const isLabels = model.compiled.objective.aims[i]?.loss.targets === "labels";
    return zeros(isLabels ? port.shape.slice(0, -1) : port.shape, "float32");
  });
  try {
    model.trainOnBatch(only(inputsOf(model)), only(y));
  } catch (error) {
    // A class weight too few, a learning rate of 1e30: known when the loss runs.
    if (!(error instanceof Error) || !/^(Option|State|Shape|OutOfMemory)Error$/.test(error.name)) throw error;
  }
}

function inputsOf(model: AnyModel): readonly Tensor[] {
  return model.inputPorts.map(({ shape, dtype }) => zeros(shape, dtype));
}

/** Two rows of three steps. */
function zeros(shape: readonly (number | null)[], dtype: "float32" | "int32"): Tensor {
  const sizes = shape.map((size, axis) => size ?? (axis === 0 ? 2 : STEPS));
  const data = dtype === "int32" ? new Int32Array(elementsOf(sizes)) : new Float32Array(elementsOf(sizes)).fill(0.5);
  return { data, shape: sizes };
}

function elementsOf(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, size) => product * (size ?? STEPS), 1);
}
