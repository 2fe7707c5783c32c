import { expect } from "vitest";
import type { OptionError, ShapeError, StateError } from "../../src/index.ts";

type ErrorClass = typeof OptionError | typeof ShapeError | typeof StateError;

/** One call that must fail. */
export interface Refusal<Subject> {
  readonly what: string;
  readonly call: (subject: Subject) => unknown;
  readonly type: ErrorClass;
  /** What the message shows: who refuses, what was expected, what was given. */
  readonly parts: readonly string[];
}

export function refusal<Subject>(
  what: string,
  call: (subject: Subject) => unknown,
  type: ErrorClass,
  ...parts: readonly string[]
): Refusal<Subject> {
  return { what, call, type, parts };
}

export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return expect.fail("nothing was thrown");
}

/** The error's class, and every part in its one sentence. */
export function expectRefusal(call: () => unknown, type: ErrorClass, ...parts: readonly string[]): void {
  const error = thrownBy(call);
  expect(error).toBeInstanceOf(type);
  expect(String(error)).toMatch(/[.?]$/);
  for (const part of parts) expect(String(error)).toContain(part);
}

/** A value of a wrong type, as JavaScript lets pass. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where tests step outside of the types.
export const wrong = (value: unknown): any => value;
