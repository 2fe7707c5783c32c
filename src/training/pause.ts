/** Lets the program do other things between two steps. */

const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };

/** Resolves after timers, input and drawing have had their turn. */
export function pause(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => void setImmediate(resolve));
  // A timer waits 4 ms in browsers, a message does not.
  if (typeof MessageChannel === "function") {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });
  }
  return new Promise((resolve) => void setTimeout(resolve));
}
