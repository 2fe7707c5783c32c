import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Tests through the public API run once for every binary; the others choose their binaries themselves. */
const facade = ["layers", "losses", "models", "optimizers", "training"].map((folder) => `test/${folder}/**/*.test.ts`);

/** Tests that measure run when no other does. */
const alone = ["test/bench/**/*.test.ts", "test/heap.test.ts"];

/** Node 20 and 21 have relaxed SIMD behind a flag. */
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 60_000,
    pool: "forks",
    // By default one core is left free, which on two cores is half of the machine.
    maxWorkers: "100%",
    execArgv: flags,
    projects: [
      { extends: true, test: { name: "any", include: ["test/**/*.test.ts"], exclude: [...facade, ...alone] } },
      { extends: true, test: { name: "alone", include: alone, sequence: { groupOrder: 1 } } },
      ...["simd", "relaxed", "debug"].map((variant) => ({
        extends: true as const,
        test: { name: variant, include: facade, env: { GATEFOLD_VARIANT: variant } },
      })),
    ],
  },
});
export default config;
