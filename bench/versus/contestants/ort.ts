/** ONNX Runtime, native or as WebAssembly by the argument, one thread. It does not train. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { swapped } from "../layout.ts";
import { isTraining, type Work } from "../works.ts";
import { serve, type Task } from "./serve.ts";
import { need, type Tensors } from "./tensors.ts";

const isWeb = process.argv[2] === "web";
const ort: typeof import("onnxruntime-node") = isWeb
  ? ((await import("onnxruntime-web")) as unknown as typeof import("onnxruntime-node"))
  : await import("onnxruntime-node");
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

async function open(folder: string): Promise<InferenceSession> {
  return ort.InferenceSession.create(readFileSync(join(folder, "model.onnx")), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    executionProviders: [isWeb ? "wasm" : "cpu"],
  });
}

/** X and Y are [T, B, features]. */
async function forward({ I, H, T, B }: Work, tensors: Tensors, folder: string): Promise<Task> {
  const session = await open(folder);
  const X = new ort.Tensor("float32", swapped(need(tensors, "x").data, B, T, I), [T, B, I]);
  const run = () => session.run({ X });
  return { run, outputs: async () => swapped((await run()).Y?.data as Float32Array, T, B, H) };
}

/** States go in and out with every step. */
async function step({ I, H, T }: Work, tensors: Tensors, folder: string): Promise<Task> {
  const session = await open(folder);
  const { data } = need(tensors, "x");
  const steps = Array.from(
    { length: T },
    (_, t) => new ort.Tensor("float32", data.slice(t * I, (t + 1) * I), [1, 1, I]),
  );
  const zeros = () => new ort.Tensor("float32", new Float32Array(H), [1, 1, H]);
  let [t, h, c]: [number, OrtTensor, OrtTensor] = [0, zeros(), zeros()];
  const run = async () => {
    const result = await session.run({ X: steps[t++ % T] as OrtTensor, initial_h: h, initial_c: c });
    h = result.Y_h as OrtTensor;
    c = result.Y_c as OrtTensor;
  };
  const outputs = async () => {
    [t, h, c] = [0, zeros(), zeros()];
    const result = new Float32Array(T * H);
    while (t < T) {
      await run();
      result.set(h.data as Float32Array, (t - 1) * H);
    }
    return result;
  };
  return { run, outputs };
}

await serve({
  about: () => {
    const { common, web, node } = ort.env.versions;
    return isWeb ? `onnxruntime-web ${web ?? common}` : `onnxruntime-node ${node ?? common}`;
  },
  prepare: (work, tensors, folder) => {
    if (isTraining(work)) return "does not train";
    return work.kind === "step" ? step(work, tensors, folder) : forward(work, tensors, folder);
  },
});
