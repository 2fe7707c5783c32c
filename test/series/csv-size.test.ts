/** A file that is larger than its kept columns are: read as a stream, to its last line. */
import { expect, test } from "vitest";
import { readCsv } from "../../src/series/csv.ts";

const MB = 1_000_000;
const isLong = process.env.GATEFOLD_LONG === "1";
const SIZES = isLong ? [3, 200] : [3];
/** Of 200 MB, at most. */
const SECONDS = 30;
/** Beyond the columns: the engine, pieces of text and what was not collected yet. */
const MEMORY = 200;

/** About `size` bytes of minutes with four numbers and a text of two lines, and a last line with text for a number. */
async function* faulty(size: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode("time,load,price,note,id,wind\n");
  let row = 0;
  for (let sent = 0; sent < size; ) {
    let text = "";
    for (let i = 0; i < 1000; i++, row++) {
      const time = new Date(row * 60_000).toISOString();
      text += `${time},${(row % 977) / 8},${Math.sqrt(row).toFixed(6)},"${row % 10} of\n""10""",${row},-12.5\n`;
    }
    const bytes = encoder.encode(text);
    sent += bytes.length;
    yield bytes;
  }
  yield encoder.encode(`2100-01-01T00:00:00.000Z,1,"1,5",end,${row},x\n`);
}

/** Of processor time, the collector's included. */
async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

test.each(SIZES)("%i MB of a stream, with a fault in the last line", { timeout: 300_000 }, async (size) => {
  let [rows, peak] = [0, 0];
  const before = process.memoryUsage.rss();
  const columns = { time: "time", load: "number", price: "number", note: "text" } as const;
  const onProgress = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss() - before);
  };
  const made = await seconds(async () => {
    for await (const piece of faulty(size * MB)) rows += piece.length > 200 ? 1000 : 0;
  });
  let message = "";
  const read = await seconds(async () => {
    const error: unknown = await readCsv(faulty(size * MB), { name: "load.csv", columns, onProgress }).catch((e) => e);
    message = error instanceof Error ? error.message : "no error";
  });
  const line = 2 * rows + 2;
  expect(message).toBe(`load.csv has "1,5" in column "price" at line ${line}, which is no number: set decimal to ",".`);
  if (isLong) console.log(`${size} MB: ${(read - made).toFixed(1)} s, ${(peak / MB).toFixed(0)} MB more memory`);
  expect(read - made).toBeLessThan(SECONDS);
  const kept = rows * Object.keys(columns).length * 8;
  expect(peak).toBeLessThan(kept + MEMORY * MB);
});
