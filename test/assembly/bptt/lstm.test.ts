import { TILE_2X16, TILE_4X8, TILE_6X8 } from "../../../src/core/tiles.ts";
import { recurrentProblem, USUAL } from "../../support/kernels-recurrent.ts";
import { describeRecurrent } from "../../support/kernels-recurrent-suite.ts";
import { pairwise } from "../../support/kernels-shapes.ts";

/** Vectors of 4, panels of 4 units, gaps between rows of 64 floats; 64 rows of a chunk in one step and in many. */
const PROBLEMS = pairwise({
  H: [1, 2, 3, 4, 5, 8, 15, 16, 17, 64],
  I: [1, 2, 3, 4, 5, 16, 17, 64],
  B: [1, 2, 3, 5, 64, 129],
  T: [1, 2, 3, 7, 27],
  biases: [0, 1, 2],
  isRagged: [false, true],
  hasEmptyRows: [false, true],
  hasInitial: [false, true],
  isMasked: [false, true],
  upstream: ["output", "states", "both"],
  tile: [TILE_2X16, TILE_4X8, TILE_6X8],
}).map((shape) => ({ ...recurrentProblem({ ...USUAL, cell: "lstm", ...shape }), tile: shape.tile }));

describeRecurrent("lstm", PROBLEMS);
