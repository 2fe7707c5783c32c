/**
 * Training on long sequences in a small memory: one LSTM, of whose outputs the last one counts. Two processes take a step in
 * turn, one whose memory is bounded and one whose memory is not; prints the memory of both, the median ratio of their times,
 * and whether the weights have the same bits; fails above 64 MiB, above 1.5 times the time and for other bits.
 *
 *   node --import tsx test/long/long-sequences.ts [--steps 20000] [--turns 3]
 */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Adam, Dense, init, LSTM, type NamedTensors, Random, Sequential, tensor } from "../../src/index.ts";

const { values: flags } = parseArgs({
  options: {
    steps: { type: "string", default: "20000" },
    turns: { type: "string", default: "3" },
    /** MiB of the memory of a child, 0 without a bound. */
    child: { type: "string" },
  },
});
const LIMIT = 64;
const [rows, features, units, steps] = [8, 8, 128, Number(flags.steps)];

/** What a child says of a step. */
interface Step {
  readonly seconds: number;
  readonly memoryBytes: number;
  /** Of the weights after it. */
  readonly bits: string;
}

if (flags.child === undefined) await compare(Number(flags.turns));
else await train(Number(flags.child));

function hashOf(weights: NamedTensors): string {
  const hash = createHash("sha256");
  for (const { data } of Object.values(weights))
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** A step whenever the parent asks. */
async function train(limit: number): Promise<void> {
  const info = await init({ numerics: "strict", maxMemory: limit === 0 ? undefined : limit * 2 ** 20 });
  const random = new Random(1);
  const numbers = (...shape: number[]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return tensor(
      Float32Array.from({ length }, () => random.uniform(-1, 1)),
      shape,
    );
  };
  const [x, y] = [numbers(rows, steps, features), numbers(rows, 1)];
  const model = new Sequential([new LSTM({ units }), new Dense({ units: 1 })], {
    inputShape: [null, features],
    seed: 3,
  });
  model.compile({ optimizer: new Adam(), loss: "meanSquaredError" });
  process.on("message", () => {
    const before = process.cpuUsage();
    model.trainOnBatch(x, y);
    const { user, system } = process.cpuUsage(before);
    const { memoryBytes } = info;
    const step: Step = { seconds: (user + system) / 1e6, memoryBytes, bits: hashOf(model.getWeights()) };
    process.send?.(step);
  });
}

async function compare(turns: number): Promise<void> {
  const children = [0, LIMIT].map((limit) => {
    const args = ["--steps", String(steps), "--child", String(limit)];
    return fork(fileURLToPath(import.meta.url), args, { execArgv: ["--import", "tsx"], stdio: "inherit" });
  });
  const ratios: number[] = [];
  const seconds: string[] = [];
  let last: readonly Step[] = [];
  // The first steps are those of cold code.
  for (let turn = 0; turn <= turns; turn++) {
    const taken: Step[] = [];
    for (const child of children) {
      child.send("step");
      taken.push((await once(child, "message"))[0] as Step);
    }
    const [whole, bounded] = taken as [Step, Step];
    if (turn > 0) ratios.push(bounded.seconds / whole.seconds);
    if (turn > 0) seconds.push(`${whole.seconds.toFixed(2)} and ${bounded.seconds.toFixed(2)} s`);
    last = taken;
  }
  for (const child of children) child.disconnect();
  const [whole, bounded] = last as [Step, Step];
  const ratio = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Infinity;
  const inMiB = ({ memoryBytes }: Step) => (memoryBytes / 2 ** 20).toFixed(1);
  const isSame = whole.bits === bounded.bits;
  console.log(`steps of ${seconds.join(", ")}`);
  console.log(
    `${inMiB(bounded)} MiB for ${inMiB(whole)}, ${ratio.toFixed(2)} times the time, ${isSame ? "the same" : "other"} bits`,
  );
  if (!isSame || ratio > 1.5 || bounded.memoryBytes > LIMIT * 2 ** 20) process.exitCode = 1;
}
