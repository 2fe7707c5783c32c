#!/usr/bin/env node
/** The `gatefold` command. */
import { run } from "./program.ts";

// A reader that has seen enough, as in `gatefold inspect FILE | head`, is no failure; files are still to be written.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
process.exitCode = await run(process.argv.slice(2));
