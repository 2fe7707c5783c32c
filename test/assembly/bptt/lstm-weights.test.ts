import { expect, test } from "vitest";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat } from "../../support/kernels-arena.ts";
import { lstmBlock } from "../../support/kernels-lstm.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats } from "../../support/kernels-values.ts";

const CASES = pairwise({ I: [1, 3, 4, 16, 17], H: [1, 3, 4, 5, 16, 17], biases: [0, 1, 2] });
type Case = (typeof CASES)[number];
const label = ({ I, H, biases }: Case) => `I ${I} H ${H} biases ${biases}`;

function weightsOf({ I, H }: Case) {
  return {
    ...{ weight_ih: floats(1, 4 * H * I), weight_hh: floats(2, 4 * H * H) },
    ...{ bias_ih: floats(3, 4 * H), bias_hh: floats(4, 4 * H) },
  };
}

describeVariants((_variant, kernels, arena) => {
  function write(memory: Arena, { I, H, biases }: Case) {
    const weights = weightsOf({ I, H, biases });
    const length = kernels.lstmParameterFloats(I, H, biases);
    const params = memory.inout("params", flat(length), new Float64Array(length));
    const weightIh = memory.input("weightIh", flat(4 * H * I, 1), weights.weight_ih);
    const weightHh = memory.input("weightHh", flat(4 * H * H, 2), weights.weight_hh);
    const biasIh = memory.input("biasIh", flat(4 * H, 3), weights.bias_ih);
    const biasHh = memory.input("biasHh", flat(4 * H, 1), weights.bias_hh);
    const addresses = [weightIh.address, weightHh.address, biasIh.address, biasHh.address] as const;
    kernels.lstmWriteWeights(params.address, ...addresses, I, H, biases);
    return { weights, params };
  }

  /** What comes back; an operand that is not written stays NaN. */
  function read(memory: Arena, params: number, { I, H, biases }: Case) {
    const operands = {
      weight_ih: memory.output("weight_ih", flat(4 * H * I, 3)),
      weight_hh: memory.output("weight_hh", flat(4 * H * H, 1)),
      bias_ih: memory.output("bias_ih", flat(4 * H, 2)),
      bias_hh: memory.output("bias_hh", flat(4 * H, 1)),
    };
    const { weight_ih, weight_hh, bias_ih, bias_hh } = operands;
    const addresses = [weight_ih.address, weight_hh.address, bias_ih.address, bias_hh.address] as const;
    kernels.lstmReadWeights(...addresses, params, I, H, biases);
    return operands;
  }

  test("lstmWriteWeights: panels of four units with the bias first, a second bias behind them, pads zero", () => {
    for (const shape of CASES) {
      const memory = arena();
      const { weights, params } = write(memory, shape);
      expect(params.values(), label(shape)).toEqual(lstmBlock(weights, shape));
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("lstmReadWeights: gives back what was written, one trained bias as the first, no other bias", () => {
    for (const shape of CASES) {
      const memory = arena();
      const { weights, params } = write(memory, shape);
      const operands = read(memory, params.address, shape);
      const untouched = new Float64Array(4 * shape.H).fill(Number.NaN);
      const bias_ih = shape.biases === 0 ? untouched : weights.bias_ih;
      const bias_hh = shape.biases === 2 ? weights.bias_hh : untouched;
      expect(operands.weight_ih.values(), label(shape)).toEqual(weights.weight_ih);
      expect(operands.weight_hh.values(), label(shape)).toEqual(weights.weight_hh);
      expect(operands.bias_ih.values(), label(shape)).toEqual(bias_ih);
      expect(operands.bias_hh.values(), label(shape)).toEqual(bias_hh);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });
});
