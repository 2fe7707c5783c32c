import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Tests through the public API run once for every binary; the others choose their binaries themselves. */
const facade = ["layers", "losses", "models", "optimizers", "training"].map((folder) => `test/${folder}/**/*.test.ts`);

/** Tests that measure run when no other does. */
const alone = ["test/bench/**/*.test.ts", "test/heap.test.ts"];

/**
 * Files run one after the other in a process, each with modules of its own: a process for each would cost 0.7 s of
 * processor time more, to start and to compile again. A test that needs a process to itself starts it as a child.
 */
const shared = { isolate: false, setupFiles: ["test/support/fresh-modules.ts"] };

/** Node 20 and 21 have relaxed SIMD behind a flag. */
const flags = Number.parseInt(process.versions.node, 10) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 60_000,
    pool: "forks",
    // By default one core is left free, which on two cores is half of the machine.
    maxWorkers: "100%",
    execArgv: flags,
    // As Node does: the names of a default export that is a promise would make a promise of its module.
    deps: { interopDefault: false },
    projects: [
      {
        extends: true,
        test: { name: "any", ...shared, include: ["test/**/*.test.ts"], exclude: [...facade, ...alone] },
      },
      { extends: true, test: { name: "alone", include: alone, sequence: { groupOrder: 1 } } },
      ...["simd", "relaxed", "debug"].map((variant) => ({
        extends: true as const,
        test: { name: variant, ...shared, include: facade, env: { GATEFOLD_VARIANT: variant } },
      })),
    ],
  },
});
export default config;
