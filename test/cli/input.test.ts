import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { endOfRows, openInput } from "../../src/cli/input.ts";
import { folderOfTests } from "../support/folder.ts";

const folder = folderOfTests();
const bytesOf = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding);

describe("endOfRows", () => {
  test.each([
    ["after the last line", "a,b\n1,2\n3,", "a,b\n1,2\n"],
    ["of Windows", "a,b\r\n1,2\r\n3,", "a,b\r\n1,2\r\n"],
    ["of old Macs", "a,b\r1,2\r3,", "a,b\r1,2\r"],
    ["not within quotes", 'a,b\n1,2\n3,"x\ny', "a,b\n1,2\n"],
    ["after quotes within quotes", 'a\n"x ""y"" z\n"\n"u', 'a\n"x ""y"" z\n"\n'],
    ["nowhere", "a,b", "a,b"],
  ])("%s", (_, text, rows) => {
    expect(text.slice(0, endOfRows(bytesOf(text)))).toBe(rows);
  });

  test("of UTF-16 in both orders, with characters that hold the bytes of a line's end", () => {
    // U+0A0D and U+0D0A.
    const text = "\ufeffa,ਊ\n1,ഊ\n2,ഊ";
    const little = bytesOf(text, "utf16le");
    const wanted = text.slice(0, text.lastIndexOf("\n") + 1);
    expect(little.subarray(0, endOfRows(little)).toString("utf16le")).toBe(wanted);
    const big = Buffer.from(little).swap16();
    expect(
      Buffer.from(big.subarray(0, endOfRows(big)))
        .swap16()
        .toString("utf16le"),
    ).toBe(wanted);
  });
});

test("the head has whole rows, the bytes are all of the file, once", async () => {
  const file = join(folder, "long.csv");
  const text = `a,b\n${"1234,5678\n".repeat(60_000)}`;
  writeFileSync(file, text);
  const input = await openInput(file);
  const head = Buffer.from(input.head).toString();
  expect(head.length).toBeGreaterThan(262_000);
  expect(text.startsWith(head) && head.endsWith("5678\n")).toBe(true);
  const pieces: Uint8Array[] = [];
  for await (const piece of input.bytes) pieces.push(piece);
  expect(Buffer.concat(pieces).toString()).toBe(text);
  input.close();
});
