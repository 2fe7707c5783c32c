import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { withPart } from "../../bench/parts.ts";
import { bundleContestants } from "../../bench/versus/bundle.ts";
import { chart } from "../../bench/versus/chart.ts";
import type { Contestant } from "../../bench/versus/contestants.ts";
import { dataOf } from "../../bench/versus/data.ts";
import { swapped } from "../../bench/versus/layout.ts";
import { disagreement, measure } from "../../bench/versus/measure.ts";
import { EPSILON, LEARNING_RATE, LOSSES } from "../../bench/versus/protocol.ts";
import { aligned, caption, duration, longReport, shortTable, times } from "../../bench/versus/report.ts";
import { contestantsOf, type Results, ratioOf, shareOf, type WorkResult } from "../../bench/versus/results.ts";
import { measureStarts } from "../../bench/versus/start.ts";
import { flopOf, WORKS } from "../../bench/versus/works.ts";
import { readSafetensors } from "../../src/io/safetensors.ts";

const [forward, , , , , , step] = WORKS;
if (forward === undefined || step === undefined) throw new Error("Works are missing.");

const first: WorkResult = {
  work: forward,
  title: "forward",
  flop: 8e6,
  peak: 50,
  contestants: [
    {
      name: "gatefold",
      title: "gatefold",
      about: "gatefold relaxed, 1 thread",
      samplesMs: [1, 2],
      medianMs: 2,
      minMs: 1,
    },
    {
      name: "tfjs-wasm",
      title: "tfjs wasm",
      about: "tfjs 4",
      samplesMs: [80],
      medianMs: 80,
      minMs: 80,
      maxRssBytes: 1.2e8,
    },
    { name: "onnxruntime-node", title: "ORT", about: "ort 1", samplesMs: [1], medianMs: 1, minMs: 1 },
    { name: "brain.js", title: "brain.js", cannot: "has no layer | alone\n  at stack" },
  ],
};
const results: Results = {
  environment: {
    ...{ machine: "Some CPU, 2 cores", engine: "Node 24", date: "2026-01-02", commit: "abc", clock: "wall" },
    ...{ loadAverage: 0.1, cycles: 11 },
  },
  works: [
    first,
    {
      ...first,
      title: "a < b & c",
      contestants: [{ name: "gatefold", title: "gatefold", cannot: "too slow: 9 s a call" }],
    },
  ],
  starts: [{ name: "gatefold", title: "gatefold", samplesMs: [60, 70], medianMs: 65, minMs: 60 }],
  downloads: [{ name: "gatefold", title: "gatefold", bytes: 44_000, scriptBytes: 30_000 }],
};

describe("works", () => {
  test("names are different", () => {
    expect(new Set(WORKS.map(({ id }) => id)).size).toBe(WORKS.length);
  });

  test("FLOP: I128 H128 T50 B32 has 2 x 50 x 32 x 512 x 256, a step the 50th of a row's", () => {
    const layer = WORKS.find(({ id }) => id === "forward-I128-H128-T50-B32");
    expect(layer && flopOf(layer)).toBe(2 * 50 * 32 * 512 * 256);
    const streaming = WORKS.find(({ id }) => id === "step-H128");
    expect(streaming && flopOf(streaming)).toBe(2 * 512 * 256);
  });

  test("FLOP of training: three times the products, without the gradient of data and without a gathered embedding", () => {
    const forecast = WORKS.find(({ kind }) => kind === "forecast");
    const [rows, gates] = [64 * 30, 200];
    expect(forecast && flopOf(forecast)).toBe(2 * rows * gates * (2 * 1 + 3 * 50 + 3 * 100) + 6 * 64 * 50);
    const characters = WORKS.find(({ kind }) => kind === "characters");
    expect(characters && flopOf(characters)).toBe(6 * 2500 * (512 * 128 + 512 * 256 + 128 * 65));
  });

  test("data of a work are the same each time, and hold the outputs that contestants are compared with", () => {
    const [once, again] = [dataOf(step), dataOf(step)];
    expect(once).toEqual(again);
    const { tensors } = readSafetensors(once);
    expect(tensors.get("expected")?.shape).toEqual([1, step.T, step.H]);
    expect(tensors.get("lstm0.weight_ih")?.shape).toEqual([4 * step.H, step.I]);
  });

  test("swapped exchanges the first two axes", () => {
    expect([...swapped([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, 3, 2)]).toEqual([
      1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12,
    ]);
  });

  test("the constants of the contestant in Python are those of the others", () => {
    const python = readFileSync(new URL("../../bench/versus/contestants/pytorch.py", import.meta.url), "utf8");
    const [, losses, rate, epsilon] = /^LOSSES, LEARNING_RATE, EPSILON = (\S+), (\S+), (\S+)$/m.exec(python) ?? [];
    expect([losses, rate, epsilon].map(Number)).toEqual([LOSSES, LEARNING_RATE, EPSILON]);
  });
});

describe("agreement", () => {
  const losses = [1, 0.9, 0.8, 0.7];

  test("outputs may differ by 1e-4, and are never accepted as NaN", () => {
    expect(disagreement({ difference: 1e-4 }, undefined)).toBeUndefined();
    expect(disagreement({ difference: 1.01e-4 }, undefined)).toContain("differs");
    expect(disagreement({ difference: Number.NaN }, undefined)).toContain("differs");
  });

  test("losses may differ by 1e-4 of them at each of the first steps", () => {
    expect(disagreement({ losses: [1.00009, 0.9, 0.8, 0.70006] }, losses)).toBeUndefined();
    expect(disagreement({ losses: [1, 0.9, 0.8, 0.7002] }, losses)).toBe("loss 4 is 0.7002 and not 0.7");
    expect(disagreement({ losses: [1, Number.NaN, 0.8, 0.7] }, losses)).toContain("loss 2");
  });

  test("with weights of its own a loss has to fall", () => {
    expect(disagreement({ losses: [5, 4, 3, 2], ownWeights: true }, losses)).toBeUndefined();
    expect(disagreement({ losses: [2, 2, 2, 2], ownWeights: true }, losses)).toContain("does not fall");
  });

  test("a call above the limit is too slow", () => {
    expect(disagreement({ losses: [1], tooSlowMs: 31_000 }, losses)).toBe("too slow: 31 s a call");
  });
});

describe("a contestant's process", () => {
  const [twin, other] = ["plain", "tiled"].map(
    (name): Contestant => ({
      ...{ name, title: name, command: process.execPath },
      args: [fileURLToPath(new URL("../../bench/versus/build/twins.js", import.meta.url)), name],
    }),
  );
  if (twin === undefined || other === undefined) throw new Error("No twins.");
  const settings = { cycles: 3, cycleMs: 1, warmupMs: 1, budgetMs: 1000, limitMs: 60_000, clock: "wall" } as const;

  test("agrees, is warmed up and gives a time a cycle; one that cannot says why; one that ends says what it wrote", async () => {
    await bundleContestants();
    const broken = { ...twin, name: "broken", args: ["-e", "console.error('no engine'); process.exit(1)"] };
    const { contestants, flop } = await measure(forward, [twin, other, broken], settings, () => {});
    expect(flop).toBe(flopOf(forward));
    expect(contestants.map(({ name, samplesMs }) => [name, samplesMs?.length])).toEqual([
      ["plain", 3],
      ["tiled", 3],
      ["broken", undefined],
    ]);
    expect(contestants[0]?.difference).toBeLessThan(1e-6);
    expect(contestants[0]?.minMs).toBeGreaterThan(0);
    expect(contestants[0]?.maxRssBytes).toBeGreaterThan(1e7);
    expect(contestants[2]?.cannot).toBe("ended: no engine");
    const cannot = await measure(step, [twin], settings, () => {});
    expect(cannot.contestants[0]?.cannot).toBe("has no such work");
  });

  test("losses of the twins fall alike: forward, backward and Adam agree", async () => {
    const forecast = WORKS.find(({ kind }) => kind === "forecast");
    if (forecast === undefined) throw new Error("No forecast.");
    const { contestants } = await measure(forecast, [twin, other], { ...settings, cycles: 1 }, () => {});
    expect(contestants.map(({ cannot }) => cannot)).toEqual([undefined, undefined]);
    expect(contestants[0]?.losses).toHaveLength(LOSSES);
  });

  test("time to the first prediction is above that of an empty program", async () => {
    const [empty, first] = await measureStarts([twin], forward, 1);
    expect(first?.medianMs).toBeGreaterThan((empty?.medianMs ?? 0) / 2);
    expect(first?.samplesMs).toHaveLength(1);
  });
});

describe("report", () => {
  test("ratios are times over the first contestant's, shares FLOP over the peak at the median", () => {
    expect(ratioOf(first, "tfjs-wasm")).toBe(40);
    expect(ratioOf(first, "onnxruntime-node")).toBe(0.5);
    expect(ratioOf(first, "brain.js")).toBeUndefined();
    expect(shareOf(first, "gatefold")).toBeCloseTo(0.08, 12);
    expect(contestantsOf(results).map(({ name }) => name)).toEqual(first.contestants.map(({ name }) => name));
  });

  test("the short table has a row a work, and rows where gatefold loses", () => {
    expect(shortTable(results)).toBe(
      [
        "| work | gatefold | of peak | tfjs wasm | brain.js | ORT |",
        "|---|---|---|---|---|---|",
        "| forward | 2.00 ms | 8 % | 40x | - | 0.50x |",
        "| a < b & c |  |  | - | - | - |",
      ].join("\n"),
    );
  });

  test("the long one says why somebody has no time, in one line", () => {
    const report = longReport(results);
    expect(report).toContain("| brain.js | has no layer / alone |");
    expect(report).toContain("| tfjs wasm | 80.0 ms | 80.0 ms | 40x | 0.100 | 0 % | 120 MB |");
    expect(report).toContain("| gatefold | too slow: 9 s a call |");
    expect(report).toContain("| gatefold | 44.0 kB | 30.0 kB |");
  });

  test("the caption has machine, engine, binary, libraries, date and sources, and says when the machine was busy", () => {
    expect(caption(results)).toBe(
      "Some CPU, 2 cores · Node 24 · gatefold relaxed, 1 thread · tfjs 4 · ort 1 · medians of up to 11 cycles · 2026-01-02, sources abc",
    );
    const busy = { ...results, environment: { ...results.environment, loadAverage: 3.21, clock: "cpu" as const } };
    expect(caption(busy)).toMatch(/processor time .* load 3\.2/);
  });

  test("what stands between markers is replaced, and appended where they are missing", () => {
    expect(withPart("a\n<!-- x -->\nold\n<!-- end x -->\nb\n", "x", "new")).toBe(
      "a\n<!-- x -->\nnew\n<!-- end x -->\nb\n",
    );
    expect(withPart("a\n", "x", "new")).toBe("a\n\n<!-- x -->\nnew\n<!-- end x -->\n");
  });

  test("units fit the size", () => {
    expect([0.00381, 0.1, 0.9996, 15, 999.7].map(duration)).toEqual([
      "3.81 us",
      "100 us",
      "1.00 ms",
      "15.0 ms",
      "1.00 s",
    ]);
    expect([0.456, 9.99, 12.3].map(times)).toEqual(["0.46x", "9.99x", "12x"]);
    expect(aligned("| a | bb |\n|---|---|\n| ccc | d |\n")).toBe("  a    bb\n  ccc   d\n");
  });

  test("the chart has a mark a contestant with a time, beside those of the legend, and escapes what it writes", () => {
    const svg = chart(results);
    expect(svg.match(/class="ring"/g)).toHaveLength(4 + 3);
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
