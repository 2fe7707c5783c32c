import { describe, expect, test } from "vitest";
import type { LstmSizes, LstmTwin } from "../../bench/twins/lstm.ts";
import { plainTwin } from "../../bench/twins/lstm-plain.ts";
import { tiledTwin } from "../../bench/twins/lstm-tiled.ts";
import { type LstmGradients, lstmBackward, lstmForward } from "../reference/lstm.ts";
import { swapFirstAxes } from "../reference/sequence.ts";

/** Edges of the loops: one row of B, a tile and one more, a run of k below, at and above 256. */
const shapes: LstmSizes[] = [
  { T: 1, B: 1, I: 1, H: 1 },
  { T: 3, B: 2, I: 3, H: 5 },
  { T: 4, B: 4, I: 4, H: 4 },
  { T: 5, B: 5, I: 7, H: 9 },
  { T: 64, B: 4, I: 2, H: 3 },
  { T: 52, B: 5, I: 260, H: 8 },
];
const twins = { plain: plainTwin, tiled: tiledTwin };

describe.each(Object.entries(twins))("%s twin", (_, create) => {
  test.each(shapes)("outputs, states and gradients within 1e-5 of the float64 reference: %o", (sizes) => {
    const twin = step(create(sizes));
    const { output, cell, gradients } = reference(twin, sizes);
    const { T, B, H } = sizes;
    expectClose(twin.output, output);
    expectClose(twin.cache.cells.subarray(T * B * H), cell);
    expectClose(twin.dx, swapFirstAxes(B, T, sizes.I, gradients.x));
    expectClose(twin.dWeight_ih, gradients.weight_ih);
    expectClose(twin.dWeight_hh, gradients.weight_hh);
    expectClose(twin.dBias, gradients.bias_ih);
    expectClose(twin.states.dHidden, gradients.h0);
    expectClose(twin.states.dCell, gradients.c0);
  });

  test("gradients agree with central differences within 2e-3 of the largest", () => {
    const twin = step(create({ T: 4, B: 3, I: 5, H: 6 }));
    const pairs: [Float32Array, Float32Array][] = [
      [twin.x, twin.dx.slice()],
      [twin.weight_ih, twin.dWeight_ih.slice()],
      [twin.weight_hh, twin.dWeight_hh.slice()],
      [twin.bias, twin.dBias.slice()],
      [twin.initialHidden, twin.states.dHidden.slice()],
      [twin.initialCell, twin.states.dCell.slice()],
    ];
    for (const [parameter, gradient] of pairs) {
      const numeric = differences(twin, parameter);
      const bound = 2e-3 * Math.max(...gradient.map(Math.abs));
      expect(Math.max(...gradient.map((value, n) => Math.abs(value - (numeric[n] ?? Number.NaN))))).toBeLessThan(bound);
    }
  });

  test("a second step on the same data gives the same bits: gradients are overwritten, not accumulated", () => {
    const twin = step(create({ T: 3, B: 4, I: 5, H: 6 }));
    const first = [twin.output, twin.dx, twin.dWeight_ih, twin.dWeight_hh, twin.dBias].map((values) => values.slice());
    twin.forward();
    twin.backward();
    expect([twin.output, twin.dx, twin.dWeight_ih, twin.dWeight_hh, twin.dBias]).toEqual(first);
  });
});

test.each(shapes)("the twins agree with each other within 1e-5: %o", (sizes) => {
  const [plain, tiled] = [step(plainTwin(sizes)), step(tiledTwin(sizes))];
  expectClose(plain.output, Float64Array.from(tiled.output));
  expectClose(plain.dx, Float64Array.from(tiled.dx));
  expectClose(plain.dWeight_ih, Float64Array.from(tiled.dWeight_ih));
  expectClose(plain.dWeight_hh, Float64Array.from(tiled.dWeight_hh));
  expectClose(plain.dBias, Float64Array.from(tiled.dBias));
});

/** Fills every input with the same numbers for the same sizes and runs one training step. */
function step(twin: LstmTwin): LstmTwin {
  let seed = 1;
  const inputs = [twin.x, twin.weight_ih, twin.weight_hh, twin.bias, twin.initialHidden, twin.initialCell];
  for (const values of [...inputs, twin.dOutput, twin.dLastCell]) {
    for (let n = 0; n < values.length; ++n) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      values[n] = (seed / 2 ** 32 - 0.5) * 0.8;
    }
  }
  twin.forward();
  twin.backward();
  return twin;
}

interface Reference {
  /** [T, B, H] */
  readonly output: Float64Array;
  readonly cell: Float64Array;
  readonly gradients: LstmGradients;
}

function reference(twin: LstmTwin, { T, B, I, H }: LstmSizes): Reference {
  const wide = (values: Float32Array) => Float64Array.from(values);
  const inputs = {
    ...{ B, T, I, H },
    x: swapFirstAxes(T, B, I, wide(twin.x)),
    weight_ih: wide(twin.weight_ih),
    weight_hh: wide(twin.weight_hh),
    bias_ih: wide(twin.bias),
    h0: wide(twin.initialHidden),
    c0: wide(twin.initialCell),
  };
  const { output, cell, cache } = lstmForward(inputs);
  const dOutput = swapFirstAxes(T, B, H, wide(twin.dOutput));
  const gradients = lstmBackward({ ...inputs, cache, dOutput, dCell: wide(twin.dLastCell) });
  return { output: swapFirstAxes(B, T, H, output), cell, gradients };
}

/** Of the loss whose gradients are dOutput and dLastCell; h = 1e-2 balances truncation against float32 states. */
function differences(twin: LstmTwin, parameter: Float32Array): number[] {
  const h = 1e-2;
  return Array.from(parameter, (value, n) => {
    parameter[n] = value + h;
    const above = loss(twin);
    parameter[n] = value - h;
    const below = loss(twin);
    parameter[n] = value;
    return (above - below) / (2 * h);
  });
}

function loss(twin: LstmTwin): number {
  twin.forward();
  const lastCell = twin.cache.cells.subarray(-twin.dLastCell.length);
  return dot(twin.output, twin.dOutput) + dot(lastCell, twin.dLastCell);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, n) => sum + value * (b[n] ?? Number.NaN), 0);
}

/** Relative to the largest element, or to 1 where all are smaller. */
function expectClose(actual: Float32Array, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const error = expected.reduce((worst, value, n) => Math.max(worst, Math.abs((actual[n] ?? Number.NaN) - value)), 0);
  expect(error / scale).toBeLessThan(1e-5);
}
