/** Prints what browsers download, and where its bytes come from. Run after `npm run build`: `npm run size [-- network]`. */
import { BUDGETS, downloadOf, PROGRAMS, sourcesOfNetwork } from "./download.ts";

const row = (name: string, ...columns: readonly (number | string)[]) =>
  console.log(`${name.padEnd(44)}${columns.map((column) => String(column).padStart(10)).join("")}`);

const names = (Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]).filter((name) => (process.argv[2] ?? name) === name);
for (const name of names) {
  const { files, bytes } = await downloadOf(PROGRAMS[name]);
  row(name, "minified", "gzip");
  for (const file of files) row(`  ${file.name}`, file.raw, file.bytes);
  row(
    `  all, of at most ${BUDGETS[name]}`,
    files.reduce((sum, { raw }) => sum + raw, 0),
    bytes,
  );
}
if (names.includes("network")) {
  row("\nwhere the JavaScript of network comes from", "minified");
  const sources = await sourcesOfNetwork();
  const folders = new Map<string, number>();
  for (const [file, bytes] of sources) {
    const folder = /^src\/[^/]+\//.exec(file)?.[0] ?? "src/";
    folders.set(folder, (folders.get(folder) ?? 0) + bytes);
  }
  for (const [folder, bytes] of [...folders].sort((a, b) => b[1] - a[1])) row(folder, bytes);
  console.log();
  for (const [file, bytes] of sources) if (bytes > 0) row(file, bytes);
}
