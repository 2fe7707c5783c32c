/** The forecast model in plain TypeScript: two twins, a dense layer on the last step, mean squared error, Adam. */
import type { LstmTwin } from "../../twins/lstm.ts";
import { swapped } from "../layout.ts";
import { EPSILON, LEARNING_RATE } from "../protocol.ts";
import type { Work } from "../works.ts";
import type { Task } from "./serve.ts";
import { need, type Tensors } from "./tensors.ts";

interface Parameter {
  readonly value: Float32Array;
  readonly gradient: Float32Array;
}

/** `layer` makes a twin of these sizes with the weights of that name. */
export function trainForecast(
  work: Work,
  tensors: Tensors,
  layer: (sizes: Work, tensors: Tensors, name: string) => LstmTwin,
): Task {
  const { I, H, T, B } = work;
  const [below, above] = [layer(work, tensors, "lstm0"), layer({ ...work, I: H }, tensors, "lstm1")];
  below.x.set(swapped(need(tensors, "x").data, B, T, I));
  const y = need(tensors, "y").data;
  const [weight, bias] = ["dense.weight", "dense.bias"].map((name) => {
    const { data } = need(tensors, name);
    return { value: data.slice(), gradient: new Float32Array(data.length) };
  }) as [Parameter, Parameter];
  const parameters = [...[below, above].flatMap(parametersOf), weight, bias];
  const update = adam(parameters);
  const run = () => {
    below.forward();
    above.x.set(below.output);
    above.forward();
    const loss = dense(above, weight, bias, y);
    above.backward();
    below.dOutput.set(above.dx);
    below.backward();
    update();
    return loss;
  };
  return { run, loss: run };
}

function parametersOf(twin: LstmTwin): Parameter[] {
  return [
    { value: twin.weight_ih, gradient: twin.dWeight_ih },
    { value: twin.weight_hh, gradient: twin.dWeight_hh },
    { value: twin.bias, gradient: twin.dBias },
  ];
}

/** Mean of (w h + b - y)^2 over the rows of the last step, and its gradients. */
function dense(twin: LstmTwin, weight: Parameter, bias: Parameter, y: Float32Array): number {
  const [B, H] = [y.length, weight.value.length];
  const last = twin.output.length - B * H;
  const [w, b] = [weight.value, bias.value[0] as number];
  weight.gradient.fill(0);
  bias.gradient.fill(0);
  let loss = 0;
  for (let row = 0; row < B; row++) {
    const at = last + row * H;
    let error = b - (y[row] as number);
    for (let j = 0; j < H; j++) error += (w[j] as number) * (twin.output[at + j] as number);
    loss += (error * error) / B;
    const gradient = (2 * error) / B;
    bias.gradient[0] = (bias.gradient[0] as number) + gradient;
    for (let j = 0; j < H; j++) {
      weight.gradient[j] = (weight.gradient[j] as number) + gradient * (twin.output[at + j] as number);
      twin.dOutput[at + j] = gradient * (w[j] as number);
    }
  }
  return loss;
}

/** PyTorch's form: epsilon after the correction of bias. */
function adam(parameters: readonly Parameter[]): () => void {
  const moments = parameters.map(
    ({ value }) => [new Float32Array(value.length), new Float32Array(value.length)] as const,
  );
  let [first, second] = [1, 1];
  return () => {
    first *= 0.9;
    second *= 0.999;
    for (const [index, { value, gradient }] of parameters.entries()) {
      const [m, v] = moments[index] as readonly [Float32Array, Float32Array];
      for (let i = 0; i < value.length; i++) {
        const g = gradient[i] as number;
        const mean = 0.9 * (m[i] as number) + 0.1 * g;
        const square = 0.999 * (v[i] as number) + 0.001 * g * g;
        m[i] = mean;
        v[i] = square;
        value[i] =
          (value[i] as number) - (LEARNING_RATE * mean) / (1 - first) / (Math.sqrt(square / (1 - second)) + EPSILON);
      }
    }
  };
}
