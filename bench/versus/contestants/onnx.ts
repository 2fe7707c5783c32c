/** Writes the model of one LSTM layer for ONNX Runtime; the arguments are the folder with its data, and the work as JSON. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import onnxProto from "onnx-proto";
import type { Work } from "../works.ts";
import { need, readTensors, type Tensor, type Tensors } from "./tensors.ts";

const { onnx } = onnxProto;
const FLOAT = onnx.TensorProto.DataType.FLOAT;

/** Gates i f g o to ONNX's i o f c, along the first axis. */
function reordered({ data }: Tensor): Float32Array {
  const size = data.length / 4;
  const result = new Float32Array(data.length);
  for (const [to, from] of [0, 3, 1, 2].entries()) {
    result.set(data.subarray(from * size, (from + 1) * size), to * size);
  }
  return result;
}

/** forward: X -> Y; step: X, initial_h, initial_c -> Y_h, Y_c. */
function model(work: Work, tensors: Tensors): Uint8Array {
  const { I, H, T, B } = work;
  const of = (name: string) => reordered(need(tensors, name));
  const bias = new Float32Array(8 * H);
  bias.set(of("lstm0.bias"));
  const isStep = work.kind === "step";
  const steps = isStep ? 1 : T;
  const state = ["initial_h", "initial_c"];
  const inputs = isStep ? ["X", "W", "R", "B", "", ...state] : ["X", "W", "R", "B"];
  const node = {
    ...{ opType: "LSTM", name: "lstm", input: inputs, output: isStep ? ["", "Y_h", "Y_c"] : ["Y"] },
    attribute: [{ name: "hidden_size", type: onnx.AttributeProto.AttributeType.INT, i: H }],
  };
  const proto = {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 14 }],
    graph: {
      name: work.id,
      node: [node],
      initializer: [
        constant("W", [1, 4 * H, I], of("lstm0.weight_ih")),
        constant("R", [1, 4 * H, H], of("lstm0.weight_hh")),
        constant("B", [1, 8 * H], bias),
      ],
      input: [value("X", [steps, B, I]), ...(isStep ? state.map((name) => value(name, [1, B, H])) : [])],
      output: isStep ? ["Y_h", "Y_c"].map((name) => value(name, [1, B, H])) : [value("Y", [T, 1, B, H])],
    },
  };
  return onnx.ModelProto.encode(onnx.ModelProto.create(proto)).finish();
}

function constant(
  name: string,
  dims: number[],
  { buffer, byteOffset, byteLength }: Float32Array,
): onnxProto.onnx.ITensorProto {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(buffer, byteOffset, byteLength) };
}

function value(name: string, dims: number[]): onnxProto.onnx.IValueInfoProto {
  const dim = dims.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

const [folder = "", work = ""] = process.argv.slice(2);
writeFileSync(join(folder, "model.onnx"), model(JSON.parse(work), readTensors(join(folder, "data.safetensors"))));
