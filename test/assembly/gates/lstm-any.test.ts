import { expect, test } from "vitest";
import { ACTIVATIONS, type Activation } from "../../../src/layers/activations.ts";
import { ACTIVATION_TWINS } from "../../reference/activations.ts";
import { at } from "../../reference/elements.ts";
import { type LstmInputs, lstmBackward, lstmForward } from "../../reference/lstm.ts";
import { largestDifference, numericalGradient } from "../../support/difference.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, rows } from "../../support/kernels-arena.ts";
import { interleaveGates } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, rounded } from "../../support/kernels-values.ts";

const NAMES = Object.keys(ACTIVATIONS) as Activation[];
const CASES = pairwise({
  activation: NAMES,
  recurrentActivation: NAMES,
  B: [1, 2, 5],
  H: [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65],
  hasOutput: [true, false],
});
interface Case {
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly B: number;
  readonly H: number;
  readonly hasOutput: boolean;
}

const ZERO = [0, 0, 0, 0];
const label = (shape: Case) => Object.entries(shape).join(" ");

// Activations are off by 4 ULP at most and the products of the step by half a ULP each; the exponential of a cell, here
// at most e + e^2, makes a relative error of the absolute one of its argument. Measured: 11 forward, 8 backward.
const TOLERANCE = 16 * 2 ** -24;

/** The pre-activations themselves as inputs of a layer whose weights are the identity: its one step is the kernel's. */
function inputsOf({ B, H, activation, recurrentActivation }: Case): LstmInputs & { readonly c0: Float64Array } {
  const identity = Float64Array.from({ length: 16 * H * H }, (_, n) => (n % (4 * H + 1) === 0 ? 1 : 0));
  return {
    ...{ B, T: 1, I: 4 * H, H, activation, recurrentActivation },
    ...{ x: floats(H, B * 4 * H), weight_ih: identity, weight_hh: new Float64Array(4 * H * H), c0: floats(B, B * H) },
  };
}

function problem(shape: Case) {
  const { B, H } = shape;
  const inputs = inputsOf(shape);
  const result = lstmForward(inputs);
  const upstream = {
    dHidden: floats(2, B * H),
    dCell: floats(3, B * H),
    dOutput: shape.hasOutput ? floats(1, B * H) : undefined,
  };
  return { shape, inputs, result, upstream, gradients: lstmBackward({ ...inputs, ...upstream, cache: result.cache }) };
}
type Problem = ReturnType<typeof problem>;
const PROBLEMS = CASES.map(problem);

const gateRows = (B: number, H: number) => rows(B, 4 * Math.ceil(H / 4) * 4);

/** What an activation makes of the pad units' zeros. */
function idle({ activation, recurrentActivation }: Case): number[] {
  const [act, rec] = [ACTIVATION_TWINS[activation].f(0), ACTIVATION_TWINS[recurrentActivation].f(0)];
  return [rec, rec, act, rec];
}

describeVariants((_variant, kernels, arena) => {
  function forward(memory: Arena, { shape, inputs }: Problem, isAny = true) {
    const { B, H, activation, recurrentActivation } = shape;
    const gates = memory.inout("gates", gateRows(B, H), interleaveGates(inputs.x, B, H, ZERO));
    const cell = memory.inout("cell", rows(B, H), inputs.c0);
    const hidden = memory.output("hidden", rows(B, H));
    const actCell = memory.output("actCell", rows(B, H));
    const operands = [hidden.address, cell.address, actCell.address, gates.address, B, H] as const;
    if (isAny) {
      kernels.lstmAnyGatesForward(...operands, ACTIVATIONS[activation], ACTIVATIONS[recurrentActivation]);
    } else kernels.lstmGatesForward(...operands);
    return { gates, cell, hidden, actCell };
  }

  /** From the twin's activations. */
  function backward(memory: Arena, { shape, inputs, result, upstream }: Problem, isAny = true) {
    const { B, H, activation, recurrentActivation } = shape;
    const act = ACTIVATION_TWINS[activation].f;
    const activations = interleaveGates(rounded(result.cache.gates), B, H, idle(shape));
    const gates = memory.inout("gates", gateRows(B, H), activations);
    const dCell = memory.inout("dCell", rows(B, H), upstream.dCell);
    const dOutput = upstream.dOutput && memory.input("dOutput", rows(B, H), upstream.dOutput);
    const dHidden = memory.input("dHidden", rows(B, H), upstream.dHidden);
    const before = memory.input("cellBefore", rows(B, H), inputs.c0);
    const actCell = memory.input("actCell", rows(B, H), result.cell.map(act));
    const operands = [
      ...([gates.address, dCell.address, dOutput?.address ?? 0, dHidden.address] as const),
      ...([before.address, actCell.address, B, H] as const),
    ] as const;
    if (isAny) {
      kernels.lstmAnyGatesBackward(...operands, ACTIVATIONS[activation], ACTIVATIONS[recurrentActivation]);
    } else kernels.lstmGatesBackward(...operands);
    return { gates, dCell };
  }

  test("lstmAnyGatesForward: gates, c and h within 16 * 2^-24 for every pair, pads of states zero", () => {
    for (const one of PROBLEMS) {
      const { B, H } = one.shape;
      const memory = arena();
      const { gates, cell, hidden } = forward(memory, one);
      const expected = interleaveGates(one.result.cache.gates, B, H, idle(one.shape));
      expect(largestDifference(gates.values(), expected), label(one.shape)).toBeLessThan(TOLERANCE);
      expect(largestDifference(cell.values(), one.result.cell), label(one.shape)).toBeLessThan(TOLERANCE);
      expect(largestDifference(hidden.values(), one.result.hidden), label(one.shape)).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label(one.shape)).toEqual([]);
    }
  });

  test("lstmAnyGatesBackward: dz and dc' within 16 * 2^-24 for every pair, those of pads exactly zero", () => {
    for (const one of PROBLEMS) {
      const { B, H } = one.shape;
      const memory = arena();
      const { gates, dCell } = backward(memory, one);
      const expected = interleaveGates(one.gradients.x, B, H, ZERO);
      expect(largestDifference(gates.values(), expected), label(one.shape)).toBeLessThan(TOLERANCE);
      expect(gates.values().filter((dz, n) => dz !== 0 && at(expected, n) === 0).length).toBe(0);
      expect(largestDifference(dCell.values(), one.gradients.c0), label(one.shape)).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label(one.shape)).toEqual([]);
    }
  });

  // Central differences of float64 are good to 1e-8 here, so the kernel's float32 decides: 1e-5 is 170 * 2^-24.
  test("lstmAnyGatesBackward: dz and dc' within 1e-5 of finite differences", () => {
    for (const activation of NAMES) {
      const one = problem({ B: 2, H: 5, activation, recurrentActivation: "hardSigmoid", hasOutput: false });
      const { inputs, upstream } = one;
      const loss = () => {
        const { hidden, cell } = lstmForward(inputs);
        return hidden.reduce((sum, h, n) => sum + h * at(upstream.dHidden, n) + at(cell, n) * at(upstream.dCell, n), 0);
      };
      const actual = backward(arena(), one);
      const dz = interleaveGates(numericalGradient(loss, inputs.x), 2, 5, ZERO);
      expect(largestDifference(actual.gates.values(), dz), activation).toBeLessThan(1e-5);
      expect(largestDifference(actual.dCell.values(), numericalGradient(loss, inputs.c0)), activation).toBeLessThan(
        1e-5,
      );
    }
  });

  test("tanh with sigmoid has the bits of the fast step, forward and backward", () => {
    for (const H of [1, 4, 5, 16, 17, 65]) {
      const one = problem({ B: 3, H, activation: "tanh", recurrentActivation: "sigmoid", hasOutput: true });
      const bits = (isAny: boolean) => {
        const states = Object.values(forward(arena(), one, isAny)).map((operand) => operand.words());
        return [...states, ...Object.values(backward(arena(), one, isAny)).map((operand) => operand.words())];
      };
      const fast = bits(false);
      const differences = bits(true).map((words, n) => firstDifference(words, fast[n] ?? new Uint32Array()));
      expect(differences, `H ${H}`).toEqual(fast.map(() => -1));
    }
  });
});
