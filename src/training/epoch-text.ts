/** What the progress says of an epoch, part by part. */
import type { Logs } from "./callback.ts";

/** An epoch under way or at its end. */
export interface EpochProgress {
  /** Counted from 0. */
  readonly epoch: number;
  readonly epochs: number;
  readonly done: number;
  /** Undefined where nobody knows. */
  readonly steps: number | undefined;
  readonly logs: Logs;
  /** Seconds since the epoch began. */
  readonly seconds: number;
  /** Seconds for a step; undefined before the first. */
  readonly pace: number | undefined;
  /** When it is to be shown. */
  readonly learningRate?: number | undefined;
}

/** Between parts. */
export const GAP = "  ";

/** What stays of an epoch that is over: its time and all its logs. */
export function epochParts(progress: EpochProgress): string[] {
  const { done, seconds, pace, logs, learningRate } = progress;
  const parts = [headOf(progress), plural(done), durationText(seconds)];
  if (pace !== undefined) parts.push(paceText(pace));
  parts.push(...metricTexts(logs));
  if (learningRate !== undefined) parts.push(`learningRate ${Number(learningRate.toPrecision(4))}`);
  return parts;
}
/** Five digits or more where they can be read, exponents below 0.001 and from ten millions on. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size >= 9999999.5 || (size < 0.001 && size > 0)) return value.toExponential(4).replace("e+", "e");
  return value.toFixed(size < 1000 ? 4 : size < 100000 ? 2 : 0);
}

/** "850 ms", "4.8 s", "42 s", "2 min 5 s", "3 h 20 min". */
export function durationText(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "350 us/step", "1.2 ms/step", "12 ms/step", "1.5 s/step". */
export function paceText(seconds: number): string {
  const milliseconds = seconds * 1000;
  if (milliseconds < 0.9995) return `${Math.round(milliseconds * 1000)} us/step`;
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms/step`;
  return `${durationText(seconds)}/step`;
}

export function headOf({ epoch, epochs }: EpochProgress): string {
  return `Epoch ${epoch + 1}/${epochs}`;
}

export function plural(steps: number): string {
  return steps === 1 ? "1 step" : `${steps} steps`;
}

export function metricTexts(logs: Logs): string[] {
  return Object.entries(logs).map(([name, value]) => `${name} ${numberText(value)}`);
}
