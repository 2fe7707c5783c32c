import { describe, expect, it } from "vitest";
import * as errors from "../src/errors.ts";

describe("errors", () => {
  for (const [name, Type] of Object.entries(errors)) {
    it(`${name} is an Error with its own name, message and cause, also when the class is renamed`, () => {
      const cause = new Error("below");
      const error = new Type("It broke.", { cause });
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(Type);
      expect(String(error)).toBe(`${name}: It broke.`);
      expect(error.stack).toContain(`${name}: It broke.`);
      expect(error.cause).toBe(cause);
      expect(Object.keys(error)).toEqual([]);
      Object.defineProperty(Type, "name", { value: "a" });
      expect(new Type("x").name).toBe(name);
    });
  }
});
