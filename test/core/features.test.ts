import { afterEach, describe, expect, it, vi } from "vitest";
import { engine, v8Major } from "../../src/core/engine.ts";
import { chooseTile, hasRelaxedSimd, hasSimd, hasWebAssembly, relaxedFuses } from "../../src/core/features.ts";
import { TILE_2X16, TILE_4X8, TILE_6X8, TILE_6X16 } from "../../src/core/tiles.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What `ask` answers on an engine with these globals, the engine's own ones hidden. */
function pretend<T>(globals: Record<string, unknown>, ask: () => T): T {
  for (const name of ["Deno", "Bun", "process", "navigator"]) vi.stubGlobal(name, globals[name]);
  const answer = ask();
  vi.unstubAllGlobals();
  return answer;
}

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const safari = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Safari/605.1.15";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
const nodeProcess = { versions: { node: "24.1.0", v8: "13.6.233.17-node.53" } };
const guarded = {
  get version() {
    throw new Error("no");
  },
};

describe("engine and v8Major", () => {
  it.each<[string, number, Record<string, unknown>]>([
    ["node 24.1.0 (v8 13.6)", 13, { process: nodeProcess, navigator: { userAgent: "Node.js/24" } }],
    [
      "deno 2.9.6 (v8 15.0)",
      15,
      { Deno: { version: { deno: "2.9.6", v8: "15.0.245.2-rusty" } }, process: nodeProcess },
    ],
    ["bun 1.4.5", 0, { Bun: { version: "1.4.5" }, process: nodeProcess }],
    ["workerd", 13, { navigator: { userAgent: "Cloudflare-Workers" }, process: nodeProcess }],
    ["browser (chrome 130)", 13, { navigator: { userAgent: chrome } }],
    ["browser (safari 18)", 0, { navigator: { userAgent: safari } }],
    ["browser (firefox 153)", 0, { navigator: { userAgent: firefox } }],
    ["browser", 0, { navigator: { userAgent: "Lynx" } }],
    ["browser", 0, { process: { env: {} }, navigator: { userAgent: "Lynx" } }],
    ["unknown", 0, {}],
    ["unknown", 0, { Deno: guarded }],
  ])("%s", (name, major, globals) => {
    expect(pretend(globals, engine)).toBe(name);
    expect(pretend(globals, v8Major)).toBe(major);
  });

  it("recognises the engine that runs the tests", () => {
    expect(engine()).toMatch(/^(node \d+\.\d+\.\d+ \(v8 \d+\.\d+\)|bun|deno)/);
  });
});

describe("probes", () => {
  it("find SIMD here", () => {
    expect(hasWebAssembly()).toBe(true);
    expect(hasSimd()).toBe(true);
  });

  it("agree that what fuses validates", () => {
    if (relaxedFuses()) expect(hasRelaxedSimd()).toBe(true);
    if (!hasRelaxedSimd()) expect(relaxedFuses()).toBe(false);
  });

  it.runIf(hasRelaxedSimd() && v8Major() > 0)("find that V8 fuses where relaxed SIMD validates", () => {
    expect(relaxedFuses()).toBe(true);
  });

  it.runIf(hasRelaxedSimd())("see through an engine that multiplies and then adds", () => {
    const unfused = { f: (a: number, b: number, c: number) => Math.fround(Math.fround(a * b) + c) };
    vi.spyOn(WebAssembly, "Instance").mockImplementation(function instance() {
      return { exports: unfused };
    });
    expect(relaxedFuses()).toBe(false);
  });

  it("answer no, and throw nothing, without WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect([hasWebAssembly(), hasSimd(), hasRelaxedSimd(), relaxedFuses()]).toEqual([false, false, false, false]);
  });

  it.runIf(hasRelaxedSimd() && v8Major() > 0)("trust V8 where compiling is forbidden", () => {
    vi.spyOn(WebAssembly, "Module").mockImplementation(function module() {
      throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
    });
    expect(relaxedFuses()).toBe(true);
  });
});

describe("chooseTile", () => {
  const node = (v8: string) => ({ process: { versions: { node: "1.2.3", v8 } } });

  it("gives 6x8 to fused V8 >= 13, 4x8 to older V8, 6x16 to turbo, 2x16 to everything else", () => {
    expect(pretend(node("13.0.1"), () => chooseTile("relaxed"))).toBe(TILE_6X8);
    expect(pretend(node("12.4.254"), () => chooseTile("relaxed"))).toBe(TILE_4X8);
    expect(pretend({ navigator: { userAgent: firefox } }, () => chooseTile("relaxed"))).toBe(TILE_2X16);
    expect(pretend({ Bun: { version: "1.4.5" } }, () => chooseTile("relaxed"))).toBe(TILE_2X16);
    expect(pretend(node("13.0.1"), () => chooseTile("simd"))).toBe(TILE_2X16);
    expect(pretend(node("13.0.1"), () => chooseTile("debug"))).toBe(TILE_2X16);
    expect(pretend(node("13.0.1"), () => chooseTile("relaxed", true))).toBe(TILE_6X16);
  });
});
