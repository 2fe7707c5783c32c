/** Brings a column of numbers to the scale that networks learn well on, and forecasts back to its unit. */
export interface Scaler {
  /** What it is in saved files: "standard", "minMax", "robust", "log" or "none". */
  readonly kind: string;
  /** Whether it knows a column: before, `transform` and `inverse` throw StateError. */
  readonly isFitted: boolean;

  /**
   * Learns from the values of one column, of the training rows alone. A column of one value is only moved, never divided.
   *
   * @throws OptionError when there are no values, or one that is not finite or not what the scaler can take; then nothing
   * has changed.
   */
  fit(values: ArrayLike<number>): this;

  /**
   * The values scaled, NaN where there is NaN.
   *
   * @throws StateError before `fit`.
   */
  transform(values: ArrayLike<number>): Float64Array;

  /**
   * What `transform` made, back in the column's unit.
   *
   * @throws StateError before `fit`.
   */
  inverse(values: ArrayLike<number>): Float64Array;

  /** Plain JSON from which `scalerFromConfig` makes an equal scaler. */
  toConfig(): Readonly<Record<string, unknown>>;
}
