import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Memory, Region } from "../../src/core/memory.ts";
import { OutOfMemoryError, StateError } from "../../src/errors.ts";

const PAGE = 65536;
const GIB = 2 ** 30;

/** Counts pages and keeps no bytes: for sizes that no test should really allocate. */
class PagesOnly {
  buffer: ArrayBuffer;
  readonly grown: number[] = [];
  /** What the next calls of `grow` do. */
  refusal: "throw" | "-1" | undefined;

  constructor(pages: number) {
    this.buffer = { byteLength: pages * PAGE } as ArrayBuffer;
  }

  grow(pages: number): number {
    if (this.refusal === "throw") throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
    if (this.refusal === "-1") return -1;
    const before = this.buffer.byteLength / PAGE;
    this.grown.push(pages);
    this.buffer = { byteLength: (before + pages) * PAGE } as ArrayBuffer;
    return before;
  }
}

describe("Memory: addresses", () => {
  it("starts at the heap base rounded up to 64 and hands out multiples of 64", () => {
    const memory = new Memory(new PagesOnly(1), 1025);
    expect(memory.allocate(1)).toBe(1088);
    expect(memory.allocate(64)).toBe(1152);
    expect(memory.allocate(65)).toBe(1216);
    expect(memory.allocate(0)).toBe(1344);
    expect(memory.usedBytes).toBe(64 + 64 + 128 + 64);
  });

  it("reuses the smallest free block that is large enough", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 0);
    const [a, , b] = [640, 64, 128, 64].map((bytes) => memory.allocate(bytes)) as [number, number, number];
    memory.free(a);
    memory.free(b);
    expect(memory.allocate(100)).toBe(b);
    expect(memory.allocate(100)).toBe(a);
  });

  it("merges a freed block with both neighbours, in any order", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 0);
      const blocks = [memory.allocate(64), memory.allocate(64), memory.allocate(64)];
      memory.allocate(PAGE - 192);
      for (const index of order) memory.free(blocks[index] ?? -1);
      expect(memory.allocate(192)).toBe(0);
      expect(memory.byteLength).toBe(PAGE);
    }
  });

  it("reaches past 2^31 as plain positive numbers", () => {
    const memory = new Memory(new PagesOnly(1), 1024);
    memory.allocate(2 * GIB);
    const high = memory.allocate(GIB);
    expect(high).toBe(2 * GIB + 1024);
    memory.free(high);
    expect(memory.usedBytes).toBe(2 * GIB);
  });
});

describe("Memory: growth", () => {
  it("grows by exactly the missing pages, the free tail counted", () => {
    const pages = new PagesOnly(1);
    const memory = new Memory(pages, 1024);
    memory.allocate(PAGE - 1024);
    expect(pages.grown).toEqual([]);
    memory.allocate(1);
    memory.allocate(PAGE - 64);
    expect(pages.grown).toEqual([1]);
    memory.allocate(64);
    memory.allocate(10 * PAGE);
    expect(pages.grown).toEqual([1, 1, 10]);
    expect(memory.byteLength).toBe(13 * PAGE);
  });

  it("grows when the heap base lies past the initial pages", () => {
    const pages = new PagesOnly(1);
    expect(new Memory(pages, 3 * PAGE).allocate(64)).toBe(3 * PAGE);
    expect(pages.grown).toEqual([3]);
  });

  it("detaches views made before and not those made after", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 1024);
    const address = memory.allocate(16);
    const before = memory.f32(address, 4);
    before.set([1, 2, 3, 4]);
    memory.allocate(PAGE);
    expect(before.length).toBe(0);
    expect([...memory.f32(address, 4)]).toEqual([1, 2, 3, 4]);
    expect([...memory.i32(address, 1)]).toEqual([0x3f800000]);
    expect([...memory.u8(address, 4)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it("gives zeros, whatever the block's place held before", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 1024);
    for (const bytes of [100, 3000, 64, PAGE * 2]) {
      const address = memory.allocate(bytes);
      expect(memory.u8(address, bytes).every((byte) => byte === 0)).toBe(true);
      memory.u8(address, bytes).fill(0xff);
      memory.free(address);
    }
  });
});

describe("Memory: refusal", () => {
  it("refuses what would not fit below 4 GiB, by 64 bytes, and stays usable", () => {
    const pages = new PagesOnly(1);
    const memory = new Memory(pages, 0);
    expect(() => memory.allocate(4 * GIB - 63)).toThrow(OutOfMemoryError);
    expect(pages.grown).toEqual([]);
    expect(memory.allocate(4 * GIB - 64)).toBe(0);
    expect(memory.byteLength).toBe(4 * GIB);
    expect(() => memory.allocate(1)).toThrow(OutOfMemoryError);
  });

  it("hands out the rest next to a full 4 GiB", () => {
    const memory = new Memory(new PagesOnly(65536), 0);
    const first = memory.allocate(4 * GIB - 128);
    expect(memory.allocate(1)).toBe(4 * GIB - 128);
    expect(() => memory.allocate(1)).toThrow(OutOfMemoryError);
    expect(first).toBe(0);
  });

  it.each([2 ** 32, 65536 * 65536 * 4, 2 ** 53, 2 ** 60, Infinity])("refuses %d bytes", (bytes) => {
    const memory = new Memory(new PagesOnly(1), 0);
    expect(() => memory.allocate(bytes)).toThrow(OutOfMemoryError);
    expect(memory.usedBytes).toBe(0);
  });

  it.each([-1, 0.5, NaN])("throws RangeError for %d bytes, an error of the program", (bytes) => {
    expect(() => new Memory(new PagesOnly(1), 0).allocate(bytes)).toThrow(RangeError);
  });

  it("rounds maxBytes down to pages and says what was asked, used and allowed, and the fix", () => {
    const memory = new Memory(new PagesOnly(1), 0, 3 * PAGE + 100);
    memory.allocate(1000);
    expect(() => memory.allocate(2 * PAGE + PAGE)).toThrow(
      "196608 bytes were asked, 1024 are in use and the limit is 196608: use a smaller batch, shorter sequences or a smaller model, dispose of layers, or raise maxMemory in init().",
    );
    memory.allocate(3 * PAGE - 1024);
    expect(memory.byteLength).toBe(3 * PAGE);
  });

  it.each(["throw", "-1"] as const)("turns a failed grow (%s) into OutOfMemoryError and changes nothing", (refusal) => {
    const pages = new PagesOnly(1);
    const memory = new Memory(pages, 0);
    const kept = memory.allocate(1024);
    pages.refusal = refusal;
    expect(() => memory.allocate(PAGE)).toThrow(/the engine refuses more than 65536: use a smaller batch/);
    expect(memory.usedBytes).toBe(1024);
    expect(memory.allocate(PAGE - 1024)).toBe(1024);
    expect(() => memory.allocate(1)).toThrow(OutOfMemoryError);
    pages.refusal = undefined;
    expect(memory.allocate(PAGE)).toBe(PAGE);
    memory.free(kept);
    expect(memory.usedBytes).toBe(2 * PAGE - 1024);
  });

  it("throws StateError when an address is freed twice or was never allocated", () => {
    const memory = new Memory(new PagesOnly(1), 0);
    const address = memory.allocate(64);
    memory.free(address);
    expect(() => memory.free(address)).toThrow(StateError);
    expect(() => memory.free(address + 64)).toThrow(/No block is allocated at address 64/);
    expect(memory.usedBytes).toBe(0);
  });
});

describe("Memory: any sequence of calls", () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant("allocate" as const), size: fc.integer({ min: 0, max: 20_000 }) }),
    fc.record({ kind: fc.constant("free" as const), size: fc.nat() }),
    fc.record({ kind: fc.constant("replace" as const), size: fc.integer({ min: 0, max: 20_000 }) }),
  );

  it("keeps blocks apart, aligned, zero when new and unchanged by others; finds the room it says; frees all into one block", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const base = 1024;
        const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), base, 4 * PAGE);
        const live = new Map<number, { bytes: number; mark: number }>();
        const check = (address: number, bytes: number, mark: number) => {
          expect(address % 64).toBe(0);
          expect(memory.u8(address, bytes).every((byte) => byte === 0)).toBe(true);
          memory.u8(address, bytes).fill(mark);
          live.set(address, { bytes, mark });
        };
        commands.forEach(({ kind, size }, step) => {
          const chosen = [...live.keys()][size % Math.max(1, live.size)];
          const used = memory.usedBytes;
          try {
            if (kind === "allocate") check(memory.allocate(size), size, (step % 255) + 1);
            else if (chosen === undefined) return;
            else if (kind === "free") {
              memory.free(chosen);
              live.delete(chosen);
            } else {
              const address = memory.replace(chosen, size);
              live.delete(chosen);
              check(address, size, (step % 255) + 1);
            }
          } catch (error) {
            if (!(error instanceof OutOfMemoryError)) throw error;
            expect(memory.usedBytes).toBe(used);
          }
          const [first] = live.keys();
          if (first !== undefined) {
            const used = memory.usedBytes;
            const room = memory.room(first);
            expect(() => memory.replace(first, room + 1)).toThrow(OutOfMemoryError);
            expect(room).toBeGreaterThanOrEqual(memory.room());
            expect(memory.usedBytes).toBe(used);
          }
          for (const [address, { bytes, mark }] of live) {
            expect(memory.u8(address, bytes).every((byte) => byte === mark)).toBe(true);
          }
        });
        const [last] = live.keys();
        if (last !== undefined) {
          const address = memory.replace(last, memory.room(last));
          live.delete(last);
          live.set(address, { bytes: 0, mark: 0 });
        }
        for (const address of live.keys()) memory.free(address);
        expect(memory.usedBytes).toBe(0);
        expect(memory.room()).toBe(4 * PAGE - base);
        const { byteLength } = memory;
        expect(memory.allocate(byteLength - base)).toBe(base);
        expect(memory.byteLength).toBe(byteLength);
      }),
      { numRuns: 200 },
    );
  });
});

describe("Region", () => {
  it("keeps its block for smaller needs and never shrinks", () => {
    const memory = new Memory(new PagesOnly(1), 1024);
    const region = new Region(memory);
    expect(region.bytes).toBe(0);
    const address = region.ensure(1000);
    expect(region.ensure(10)).toBe(address);
    expect(region.ensure(1000)).toBe(address);
    expect(region.bytes).toBe(1000);
    expect(memory.usedBytes).toBe(1024);
  });

  it("grows in place when it can, so old and new never exist at once", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 0, 4 * PAGE);
    const region = new Region(memory);
    expect(region.ensure(3 * PAGE)).toBe(region.ensure(4 * PAGE));
    expect(memory.usedBytes).toBe(4 * PAGE);
  });

  it("is valid at address 0 and after dispose", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 0);
    const region = new Region(memory);
    region.ensure(64);
    region.ensure(64);
    expect(memory.usedBytes).toBe(64);
    region.dispose();
    region.dispose();
    expect(memory.usedBytes).toBe(0);
    expect(region.bytes).toBe(0);
    region.ensure(128);
    expect(memory.usedBytes).toBe(128);
  });

  it("keeps the old block, contents included, when a larger one is refused", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 0, 2 * PAGE);
    const region = new Region(memory);
    const address = region.ensure(1000);
    memory.f32(address, 250).fill(3);
    expect(() => region.ensure(3 * PAGE)).toThrow(OutOfMemoryError);
    expect(region.bytes).toBe(1000);
    expect(region.ensure(1000)).toBe(address);
    expect(memory.f32(address, 250).every((value) => value === 3)).toBe(true);
    expect(memory.usedBytes).toBe(1024);
    region.dispose();
    expect(memory.usedBytes).toBe(0);
  });
});
