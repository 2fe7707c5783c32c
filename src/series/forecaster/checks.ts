/** Checks that rows and networks fit what was fitted. */
import { FormatError, OptionError, ShapeError } from "../../errors.ts";
import type { Model } from "../../models/model.ts";
import { describeFrequency } from "../frequency.ts";
import type { Series } from "../series.ts";
import { FORECASTER_METADATA } from "./file.ts";
import { type Fitted, type FittedSeries, outputSteps } from "./fitted.ts";
import { columnOf } from "./samples.ts";

/** The numbers of a series by its name; a forecaster of one series takes any name. */
export function ownOf(what: string, { series }: Fitted, { name }: Series): FittedSeries {
  const found = series.length === 1 ? series[0] : series.find((one) => one.name === name);
  if (found !== undefined) return found;
  const list = series.map((one) => JSON.stringify(one.name)).join(", ");
  throw new OptionError(`Forecaster.${what} was fitted on the series ${list}, got ${JSON.stringify(name)}.`);
}

/** Throws ShapeError for too few rows, OptionError for another frequency. */
export function requireFit(what: string, { window, target, frequency, calendar }: Fitted, series: Series): void {
  const rows = columnOf(series, target).length;
  if (rows < window) {
    throw new ShapeError(
      `Forecaster.${what} needs at least the ${window} rows of its window, got ${rows}: give more rows.`,
    );
  }
  const wanted = describeFrequency(frequency);
  const found = describeFrequency(series.frequency);
  const needsTimes = calendar.length > 0 && series.times === undefined;
  if (wanted === found && !needsTimes) return;
  throw new OptionError(`Forecaster.${what} was fitted on a row each ${wanted}, got a row each ${found}.`);
}

/** The network's inputs and outputs must be those that the numbers beside it need. */
export function requireNetwork(model: Model, fitted: Fitted): void {
  const { window } = fitted;
  const steps = outputSteps(fitted);
  const [input] = model.inputPorts;
  const [output] = model.outputPorts;
  const fits = input?.shape[1] === window && output?.shape.at(-1) === steps && model.outputPorts.length === 1;
  if (fits) return;
  throw new FormatError(
    `${FORECASTER_METADATA} tells of a window of ${window} and ${steps} steps, which is not what the network takes and gives.`,
  );
}
