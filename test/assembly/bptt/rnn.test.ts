import { describe } from "vitest";
import { TILE_2X16, TILE_4X8, TILE_6X8 } from "../../../src/core/tiles.ts";
import { ACTIVATIONS, type Activation } from "../../../src/layers/activations.ts";
import { recurrentProblem, USUAL } from "../../support/kernels-recurrent.ts";
import { describeRecurrent } from "../../support/kernels-recurrent-suite.ts";
import { pairwise } from "../../support/kernels-shapes.ts";

/** Vectors of 4, panels of 16 units, gaps between rows of 64 floats; 64 rows of a chunk in one step and in many. */
const SIZES = {
  H: [1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 64],
  I: [1, 2, 3, 4, 5, 16, 17, 64],
  B: [1, 2, 3, 5, 64, 129],
  T: [1, 2, 3, 7, 27],
} as const;

const FLAGS = {
  biases: [0, 1, 2],
  isRagged: [false, true],
  hasEmptyRows: [false, true],
  hasInitial: [false, true],
  isMasked: [false, true],
  upstream: ["output", "states", "both"],
  tile: [TILE_2X16, TILE_4X8, TILE_6X8],
} as const;

const PROBLEMS = pairwise({ ...SIZES, ...FLAGS }).map((shape) => ({
  ...recurrentProblem({ ...USUAL, cell: "rnn", ...shape }),
  tile: shape.tile,
}));

/** Every activation; small weights keep those without a limit small. */
const ANY = pairwise({
  activation: Object.keys(ACTIVATIONS) as Activation[],
  ...FLAGS,
  ...{ H: [1, 3, 4, 5, 17], I: [1, 4, 5], B: [1, 3, 5], T: [1, 2, 3] },
}).map((shape) => ({ ...recurrentProblem({ ...USUAL, cell: "rnn", bound: 0.1, ...shape }), tile: shape.tile }));

// Nothing but R stands between the states of two steps: with masks of 2 an error may grow in a step. Measured: 2.8.
const LENIENCY = 4;

describe("tanh", () => describeRecurrent("rnn", PROBLEMS, LENIENCY));
describe("any activation", () => describeRecurrent("rnn", ANY));
