import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/index.ts";
import { PathTemplate } from "../../src/training/path-template.ts";
import { expectRefusal } from "../support/layers-errors.ts";

const VALUES = { epoch: 7, val_loss: 0.123456, loss: -1.5, large: 12345678, none: Number.NaN, all: -Infinity };

/** Right sides are what Python's str.format gives. */
test.each([
  ["a/b.safetensors", "a/b.safetensors"],
  ["{epoch}", "7"],
  ["{epoch:d}-{epoch:02d}-{epoch:03}-{epoch:3d}", "7-07-007-  7"],
  ["{val_loss:.4f}", "0.1235"],
  ["{val_loss:f}", "0.123456"],
  ["{val_loss}", "0.123456"],
  ["{loss:08.3f}", "-001.500"],
  ["{loss:8.3f}", "  -1.500"],
  ["{val_loss:.2e} {large:.1e} {epoch:e}", "1.23e-01 1.2e+07 7.000000e+00"],
  ["{none:.2f} {all:.2f}", "nan -inf"],
  ["{{epoch}} }}{{", "{epoch} }{"],
  ["{{{epoch}}}", "{7}"],
])("%s is %s", (path, filled) => {
  expect(new PathTemplate("test", path).fill(VALUES)).toBe(filled);
});

describe("what is no such path", () => {
  test.each(["", 5, undefined, "{", "a}", "{}", "{:02d}", "{epoch:x}", "{epoch:.4}", "{epoch:.2d}", "{a{b}}", "{epoch:999d}"])("%j", (path) => {
    expectRefusal(() => new PathTemplate("test", path), OptionError, "test needs path");
  }); // biome-ignore format: a row

  test("a name that has no value, and digits for what is no integer", () => {
    expectRefusal(() => new PathTemplate("test", "{epcoh}").fill(VALUES), OptionError, "{epcoh}", "epoch, val_loss");
    expectRefusal(() => new PathTemplate("test", "{toString}").fill(VALUES), OptionError, "{toString}");
    expectRefusal(() => new PathTemplate("test", "{loss:d}").fill(VALUES), OptionError, "{loss:d}", "-1.5");
  });
});
