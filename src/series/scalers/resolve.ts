import { OptionError } from "../../errors.ts";
import { describe, oneOf } from "../../options.ts";
import { logScaler } from "./log.ts";
import { minMaxScaler } from "./min-max.ts";
import { noScaler } from "./none.ts";
import { robustScaler } from "./robust.ts";
import type { Scaler } from "./scaler.ts";
import { standardScaler } from "./standard.ts";

/** A scaler with its defaults by name; "none" leaves values as they are. */
export type ScalerName = "standard" | "minMax" | "robust" | "log" | "none";

const SCALERS: Readonly<Record<ScalerName, () => Scaler>> = {
  standard: standardScaler,
  minMax: minMaxScaler,
  robust: robustScaler,
  log: logScaler,
  none: noScaler,
};

/**
 * A new scaler of a name, or the scaler given, the same object: one object knows one column.
 *
 * @throws OptionError
 */
export function resolveScaler(scaler: ScalerName | Scaler): Scaler {
  if (isScaler(scaler)) return scaler;
  if (typeof scaler === "object") {
    throw new OptionError(
      `A scaler has fit, transform, inverse and toConfig, got ${describe(scaler)}: make one with standardScaler().`,
    );
  }
  return SCALERS[oneOf("The series", "scaler", scaler, Object.keys(SCALERS) as ScalerName[])]();
}

function isScaler(value: unknown): value is Scaler {
  if (typeof value !== "object" || value === null) return false;
  const methods = value as Readonly<Record<string, unknown>>;
  return ["fit", "transform", "inverse", "toConfig"].every((name) => typeof methods[name] === "function");
}
