/**
 * Goes on with trainings: loads each checkpoint of the list in the file given as argument, trains to the last epoch, and
 * writes the file of the model and its history beside it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { init, load } from "../../src/index.ts";
import { type Resume, TRAININGS, train } from "./resume-cases.ts";

await init();
const list = JSON.parse(readFileSync(argv[2] ?? "", "utf8")) as readonly Resume[];
for (const { training, initialEpoch, from, to } of list) {
  const chosen = TRAININGS[training];
  if (chosen === undefined) throw new RangeError(training);
  const example = chosen.make();
  example.model.dispose();
  const model = load(new Uint8Array(readFileSync(from)));
  const { epoch, history } = await train(chosen, model, example, { initialEpoch });
  writeFileSync(to, model.save({ optimizer: true }));
  writeFileSync(`${to}.json`, JSON.stringify({ epoch, history }));
  model.dispose();
}
