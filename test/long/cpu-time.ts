/** Loaded before a program: tells its parent at the end how much processor time all its threads took. */
process.on("exit", () => process.send?.(process.cpuUsage()));
