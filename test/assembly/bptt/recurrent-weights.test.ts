import { describe, expect, test } from "vitest";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat } from "../../support/kernels-arena.ts";
import { GATES, recurrentBlock } from "../../support/kernels-recurrent.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats } from "../../support/kernels-values.ts";

const CASES = pairwise({ I: [1, 3, 4, 16, 17], H: [1, 3, 4, 5, 15, 16, 17, 33], biases: [0, 1, 2] });
type Case = (typeof CASES)[number];
const label = ({ I, H, biases }: Case) => `I ${I} H ${H} biases ${biases}`;

describeVariants((_variant, kernels, arena) => {
  const { lstmParameterFloats, lstmReadWeights, lstmWriteWeights } = kernels;
  const { rnnParameterFloats, rnnReadWeights, rnnWriteWeights } = kernels;
  const cells = [
    { cell: "lstm", floatsOf: lstmParameterFloats, write: lstmWriteWeights, read: lstmReadWeights },
    { cell: "rnn", floatsOf: rnnParameterFloats, write: rnnWriteWeights, read: rnnReadWeights },
  ] as const;

  describe.each(cells)("$cell", ({ cell, floatsOf, write, read }) => {
    function written(memory: Arena, { I, H, biases }: Case) {
      const units = GATES[cell] * H;
      const weights = {
        ...{ weight_ih: floats(1, units * I), weight_hh: floats(2, units * H) },
        ...{ bias_ih: floats(3, units), bias_hh: floats(4, units) },
      };
      const length = floatsOf(I, H, biases);
      const params = memory.inout("params", flat(length), new Float64Array(length));
      const weightIh = memory.input("weightIh", flat(units * I, 1), weights.weight_ih);
      const weightHh = memory.input("weightHh", flat(units * H, 2), weights.weight_hh);
      const biasIh = memory.input("biasIh", flat(units, 3), weights.bias_ih);
      const biasHh = memory.input("biasHh", flat(units, 1), weights.bias_hh);
      const addresses = [weightIh.address, weightHh.address, biasIh.address, biasHh.address] as const;
      write(params.address, ...addresses, I, H, biases);
      return { weights, params };
    }

    /** What comes back; an operand that is not written stays NaN. */
    function readBack(memory: Arena, params: number, { I, H, biases }: Case) {
      const units = GATES[cell] * H;
      const operands = {
        weight_ih: memory.output("weight_ih", flat(units * I, 3)),
        weight_hh: memory.output("weight_hh", flat(units * H, 1)),
        bias_ih: memory.output("bias_ih", flat(units, 2)),
        bias_hh: memory.output("bias_hh", flat(units, 1)),
      };
      const { weight_ih, weight_hh, bias_ih, bias_hh } = operands;
      read(weight_ih.address, weight_hh.address, bias_ih.address, bias_hh.address, params, I, H, biases);
      return operands;
    }

    test("WriteWeights: panels with the bias first, a second bias behind them, pads zero", () => {
      for (const shape of CASES) {
        const memory = arena();
        const { weights, params } = written(memory, shape);
        expect(params.values(), label(shape)).toEqual(recurrentBlock(weights, { cell, ...shape }));
        expect(memory.violations(), label(shape)).toEqual([]);
      }
    });

    test("ReadWeights: gives back what was written, one trained bias as the first, no other bias", () => {
      for (const shape of CASES) {
        const memory = arena();
        const { weights, params } = written(memory, shape);
        const operands = readBack(memory, params.address, shape);
        const untouched = weights.bias_ih.map(() => Number.NaN);
        expect(operands.weight_ih.values(), label(shape)).toEqual(weights.weight_ih);
        expect(operands.weight_hh.values(), label(shape)).toEqual(weights.weight_hh);
        expect(operands.bias_ih.values(), label(shape)).toEqual(shape.biases === 0 ? untouched : weights.bias_ih);
        expect(operands.bias_hh.values(), label(shape)).toEqual(shape.biases === 2 ? weights.bias_hh : untouched);
        expect(memory.violations(), label(shape)).toEqual([]);
      }
    });
  });
});
