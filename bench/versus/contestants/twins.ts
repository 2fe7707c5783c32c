/** The twins in plain TypeScript, by the argument: plain or tiled. */
import type { LstmTwin } from "../../twins/lstm.ts";
import { plainTwin } from "../../twins/lstm-plain.ts";
import { tiledTwin } from "../../twins/lstm-tiled.ts";
import { swapped } from "../layout.ts";
import type { Work } from "../works.ts";
import { serve, type Task } from "./serve.ts";
import { need, type Tensors } from "./tensors.ts";
import { trainForecast } from "./twin-forecast.ts";

const create = process.argv[2] === "plain" ? plainTwin : tiledTwin;

function layer(sizes: Work, tensors: Tensors, name: string): LstmTwin {
  const twin = create(sizes);
  twin.weight_ih.set(need(tensors, `${name}.weight_ih`).data);
  twin.weight_hh.set(need(tensors, `${name}.weight_hh`).data);
  twin.bias.set(need(tensors, `${name}.bias`).data);
  return twin;
}

function forward(work: Work, tensors: Tensors): Task {
  const { I, H, T, B } = work;
  const twin = layer(work, tensors, "lstm0");
  twin.x.set(swapped(need(tensors, "x").data, B, T, I));
  const run = () => twin.forward();
  const outputs = () => {
    run();
    return swapped(twin.output, T, B, H);
  };
  return { run, outputs };
}

await serve({
  about: () => `the ${process.argv[2]} twin`,
  prepare: (work, tensors) => {
    if (work.kind === "forward") return forward(work, tensors);
    return work.kind === "forecast" ? trainForecast(work, tensors, layer) : "has no such work";
  },
});
