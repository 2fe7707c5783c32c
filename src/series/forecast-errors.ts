/** What a set of forecasts is measured by. */
export interface ForecastErrors {
  /** Root of the mean squared error, in the target's unit. */
  readonly rmse: number;
  /** Mean absolute error, in the target's unit. */
  readonly mae: number;
  /** Mean absolute error in per cent of the actual value, over the actual values that are not 0; null when all are. */
  readonly mape: number | null;
}
