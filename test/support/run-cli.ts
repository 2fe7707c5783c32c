/** Runs a command line in this process and catches what it prints. */
import { vi } from "vitest";
import { run } from "../../src/cli/program.ts";

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

export async function runCli(...args: readonly string[]): Promise<Printed> {
  const out: string[] = [];
  const errors: string[] = [];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((text: unknown) => void out.push(`${text}\n`)),
    vi.spyOn(console, "error").mockImplementation((text: unknown) => void errors.push(`${text}\n`)),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => errors.push(String(text)) > 0),
  ];
  try {
    const code = await run(args);
    return { code, out: out.join(""), errors: errors.join("") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
