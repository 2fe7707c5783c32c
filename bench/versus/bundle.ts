import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Contestants run as plain JavaScript, in build/: a loader of TypeScript would count in their start. Packages stay imports. */
export async function bundleContestants(): Promise<void> {
  await build({
    entryPoints: ["gatefold", "onnx", "ort", "tfjs", "brain", "twins"].map((name) => here(`contestants/${name}.ts`)),
    outdir: here("build"),
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "es2022",
  });
}
