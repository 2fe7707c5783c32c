import { expect, test } from "vitest";
import { dropoutNoise, philox } from "./dropout.ts";

// The known answers that Random123, the authors' library, publishes for philox4x32 with 10 rounds; the last input is pi.
test("philox has the three published answers of Philox 4x32-10", () => {
  expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = 0xffffffff;
  expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  const pi = philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]);
  expect(pi).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

test("noise of row 0 under key 0: words 0.40, 0.88, 0.74, 0.61 of 2^32 against rate 0.7", () => {
  const noise = dropoutNoise({ ids: [0], F: 4, key: [0, 0], rate: 0.7 });
  expect([...noise]).toEqual([0, 1 / (1 - 0.7), 1 / (1 - 0.7), 0]);
});
