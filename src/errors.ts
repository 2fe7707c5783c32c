/**
 * Errors typed by cause. Each message is one sentence with the value at fault and the fix. `name` is a getter on the
 * prototype: a minifier may rename the class, never the string, and stack traces begin with it.
 */

/** Tensors whose shapes do not fit each other, or data that does not fit its shape. */
export class ShapeError extends Error {
  override get name(): string {
    return "ShapeError";
  }
}

/** An option that is unknown, of the wrong type or out of range. */
export class OptionError extends Error {
  override get name(): string {
    return "OptionError";
  }
}

/** A call at the wrong time: before `init`, after `dispose`, backward before forward. */
export class StateError extends Error {
  override get name(): string {
    return "StateError";
  }
}

/** Memory that the limit or the engine refuses; everything allocated before stays valid. */
export class OutOfMemoryError extends Error {
  override get name(): string {
    return "OutOfMemoryError";
  }
}

/** Bytes that are not a valid file of the expected format. */
export class FormatError extends Error {
  override get name(): string {
    return "FormatError";
  }
}

/** A capability that the engine or the file's reader lacks. */
export class UnsupportedError extends Error {
  override get name(): string {
    return "UnsupportedError";
  }
}
