/** From the JSON of a file to its configuration: every value of its kind, every number in bounds, every reference backward. */
import { FormatError } from "../errors.ts";
import { ConfigReader, type Plain } from "../io/config.ts";
import {
  METADATA,
  MOST,
  type Named,
  type Options,
  type SavedCompile,
  type SavedInput,
  type SavedLayer,
  type SavedModel,
  type SavedOptimizer,
  type SavedTensor,
  type SavedTraining,
  VERSION,
} from "./file.ts";

const MODEL = [
  ...["version", "kind", "name", "seed", "numerics", "layers", "inputs", "steps", "outputs", "hasList"],
  ...["compile", "training"],
];
const PROGRESS = ["epoch", "trainedEpochs", "position", "batches", "steps", "waiting", "sums"];
/** Of all optimizers, more than any has. */
const MOST_NUMBERS = 64;

/** The configuration; throws FormatError that names the value at fault. What options mean is for constructors to say. */
export function readConfig(text: string): SavedModel {
  const config = ConfigReader.parse(text, METADATA).object();
  const version = config.get("version").integer(1);
  if (version > VERSION) {
    throw new FormatError(`The file has version ${version}, this gatefold reads ${VERSION}: update gatefold.`);
  }
  config.object(MODEL);
  const layers = config.get("layers").array(MOST.layers).map(layerOf);
  const inputs = config.get("inputs").array(MOST.ports).map(inputOf);
  const steps = stepsOf(config.get("steps"), layers.length, inputs.length);
  requireUsed(config.get("layers"), layers, steps);
  const compile = config.get("compile");
  const training = config.get("training");
  if (compile.isNull && !training.isNull) training.fail("null where compile is null");
  return {
    version,
    kind: config.get("kind").oneOf(["Sequential", "Model"]),
    name: nameOf(config.get("name")),
    seed: config.get("seed").integer(0),
    numerics: config.get("numerics").oneOf(["strict", "fast"]),
    layers,
    inputs,
    steps,
    outputs: config
      .get("outputs")
      .array(MOST.ports)
      .map((tensor) => tensorOf(tensor, steps.length, inputs.length)),
    hasList: config.get("hasList").boolean(),
    compile: compile.isNull ? null : compileOf(compile),
    training: training.isNull ? null : trainingOf(training),
  };
}

function layerOf(layer: ConfigReader, index: number): SavedLayer {
  layer.object(["kind", "config"]);
  const config = layer.get("config");
  const name = nameOf(config.get("name"));
  if (config.optional("inputSize") !== undefined) {
    throw new FormatError(`${config.path}.inputSize is not known: the shapes of the weights tell it.`);
  }
  const inner = config.optional("layer");
  if (inner !== undefined && !(inner.integer(0) < index)) inner.fail("the number of a layer before it");
  return { kind: layer.get("kind").string(), config: { ...optionsOf(config), name } };
}

function inputOf(input: ConfigReader): SavedInput {
  input.object(["name", "shape", "dtype"]);
  const shape = input
    .get("shape")
    .array(3)
    .map((size) => (size.isNull ? null : size.integer(1, MOST.size)));
  return { name: nameOf(input.get("name")), shape, dtype: input.get("dtype").oneOf(["float32", "int32"]) };
}

function stepsOf(steps: ConfigReader, layers: number, inputs: number): SavedModel["steps"] {
  let left: number = MOST.connections;
  return steps.array(MOST.layers).map((step, index) => {
    step.object(["layer", "inputs"]);
    const list = step.get("inputs").array();
    left -= list.length;
    if (left < 0) throw new FormatError(`${steps.path} must have at most ${MOST.connections} inputs in all.`);
    const layer = step.get("layer");
    if (layer.integer(0) >= layers) layer.fail(`one of the ${layers} layers`);
    return { layer: layer.integer(0), inputs: list.map((tensor) => tensorOf(tensor, index, inputs)) };
  });
}

/** A tensor of the first `steps` steps or of the inputs. */
function tensorOf(tensor: ConfigReader, steps: number, inputs: number): SavedTensor {
  const [step, output, ...others] = tensor.array(2).map((number) => number.integer());
  if (step === undefined || output === undefined || others.length > 0) {
    return tensor.fail("a step and the number of its output");
  }
  if (step >= steps || -1 - step >= inputs || output < 0 || (step < 0 && output > 0)) {
    return tensor.fail("a tensor of an earlier step or an input");
  }
  return [step, output];
}

/** A layer that nothing uses would be lost when the model is saved again. */
function requireUsed(path: ConfigReader, layers: readonly SavedLayer[], steps: SavedModel["steps"]): void {
  const used = new Set([...steps.map(({ layer }) => layer), ...layers.map(({ config }) => config.layer)]);
  const unused = layers.findIndex((_, index) => !used.has(index));
  if (unused >= 0) throw new FormatError(`${path.path}[${unused}] is used by no step.`);
}

function compileOf(compile: ConfigReader): SavedCompile {
  compile.object(["optimizer", "loss", "lossWeights", "metrics", "onNonFinite"]);
  const losses = compile.get("loss").array(MOST.ports);
  const weights = compile.get("lossWeights").array(MOST.ports);
  return {
    optimizer: namedOf(compile.get("optimizer")),
    loss: losses.map((loss) => (loss.isNull ? null : namedOf(loss))),
    lossWeights: weights.map((weight) => weight.number()),
    metrics: metricsOf(compile.get("metrics")),
    onNonFinite: compile.get("onNonFinite").oneOf(["throw", "skip", "ignore"]),
  };
}

function metricsOf(metrics: ConfigReader): SavedCompile["metrics"] {
  let [left, thresholds]: [number, number] = [MOST.metrics, MOST.thresholds];
  return metrics.array(MOST.ports).map((list) => {
    return list.array().map((metric) => {
      const name = metric.object().optional("name");
      if (name !== undefined) nameOf(name);
      const points = metric.optional("thresholds")?.integer(0) ?? 0;
      left -= 1;
      thresholds -= points;
      if (left < 0) throw new FormatError(`${metrics.path} must be at most ${MOST.metrics} in all.`);
      if (thresholds < 0)
        throw new FormatError(`${metrics.path} must have at most ${MOST.thresholds} thresholds in all.`);
      return { ...optionsOf(metric), kind: metric.get("kind").string() };
    });
  });
}

function trainingOf(training: ConfigReader): SavedTraining {
  training.object(["progress", "rows", "optimizer"]);
  const progress = training.get("progress").object(PROGRESS);
  const count = (name: string) => progress.get(name).integer(0, MOST.count);
  const sums = progress.get("sums").array(MOST.metrics + 1);
  const optimizer = training.get("optimizer");
  return {
    progress: {
      ...{ epoch: count("epoch"), trainedEpochs: count("trainedEpochs"), position: count("position") },
      ...{ batches: count("batches"), steps: count("steps"), waiting: count("waiting") },
      sums: sums.map((length) => length.integer(0)),
    },
    rows: training.get("rows").integer(0, MOST.size),
    optimizer: optimizer.isNull ? null : optimizerOf(optimizer),
  };
}

function optimizerOf(optimizer: ConfigReader): SavedOptimizer {
  optimizer.object(["iterations", "powers", "moments"]);
  const powers = optimizer.get("powers").array(MOST_NUMBERS);
  const moments = optimizer.get("moments").array(MOST_NUMBERS);
  return {
    iterations: optimizer.get("iterations").integer(1, MOST.count),
    powers: powers.map((power) => power.number()),
    moments: moments.map((moment) => nameOf(moment)),
  };
}

function namedOf(record: ConfigReader): Named {
  return { ...optionsOf(record), name: record.get("name").string() };
}

function optionsOf(record: ConfigReader): Options {
  return record.object().plain() as { readonly [option: string]: Plain };
}

function nameOf(name: ConfigReader): string {
  const text = name.string();
  return text.length > 0 && text.length <= MOST.name ? text : name.fail(`a name of 1 to ${MOST.name} characters`);
}
