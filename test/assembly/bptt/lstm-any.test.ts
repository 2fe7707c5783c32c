import { TILE_2X16, TILE_4X8, TILE_6X8 } from "../../../src/core/tiles.ts";
import { ACTIVATIONS, type Activation } from "../../../src/layers/activations.ts";
import { recurrentProblem } from "../../support/kernels-recurrent.ts";
import { describeRecurrent } from "../../support/kernels-recurrent-suite.ts";
import { pairwise } from "../../support/kernels-shapes.ts";

const NAMES = Object.keys(ACTIVATIONS) as Activation[];

/** Every pair of activations. Small weights keep those without a limit below 1e3 for three steps. */
const PROBLEMS = pairwise({
  activation: NAMES,
  recurrentActivation: NAMES,
  H: [1, 3, 4, 5, 17],
  I: [1, 4, 5],
  B: [1, 3, 5],
  T: [1, 2, 3],
  biases: [0, 1, 2],
  isRagged: [false, true],
  hasEmptyRows: [false, true],
  hasInitial: [false, true],
  isMasked: [false, true],
  upstream: ["output", "states", "both"],
  tile: [TILE_2X16, TILE_4X8, TILE_6X8],
}).map((shape) => ({ ...recurrentProblem({ cell: "lstm", bound: 0.1, ...shape }), tile: shape.tile }));

// The exponential multiplies a relative error by its argument, and here stands twice or thrice in a row. Measured: 33.
describeRecurrent("lstm", PROBLEMS, 64);
