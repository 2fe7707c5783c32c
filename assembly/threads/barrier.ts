/** Threads that wait for each other inside of a kernel; only in binaries with shared memory. */

/** Turns before a thread stops to look and sleeps: some hundred microseconds. */
const SPINS: i32 = 20000;
/** Nanoseconds of a sleep, and how many of them a thread has for others that are gone. */
const SLEEP: i64 = 10_000_000;
const SLEEPS: i32 = 1000;

/** Two words in a cache line of their own: how many have come, how often all had. All instances start before the first use. */
const BARRIER: usize = memory.data(64, 64);
const ROUNDS: usize = 4;

/**
 * Returns when all `threads` have called it, and what each has written before the others see. Traps when one does not
 * come for ten seconds.
 */
export function meet(threads: i32): void {
  const round = atomic.load<i32>(BARRIER, ROUNDS);
  if (atomic.add<i32>(BARRIER, 1) == threads - 1) {
    atomic.store<i32>(BARRIER, 0);
    atomic.add<i32>(BARRIER, 1, ROUNDS);
    atomic.notify(BARRIER + ROUNDS, threads);
    return;
  }
  for (let turn = 0; turn < SPINS; ++turn) if (atomic.load<i32>(BARRIER, ROUNDS) != round) return;
  for (let sleep = 0; sleep < SLEEPS; ++sleep) {
    if (atomic.load<i32>(BARRIER, ROUNDS) != round) return;
    atomic.wait<i32>(BARRIER + ROUNDS, round, SLEEP);
  }
  unreachable();
}
