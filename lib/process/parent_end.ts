/**
 * The end of the parent process. A process that is killed with SIGKILL cannot stop its
 * children; they would keep its ports.
 *
 * @module
 */

/** Milliseconds between two checks of the parent. */
const INTERVAL = 500;

/**
 * Calls back once when the parent process has ended: the system then gives this process
 * another parent. On Windows it does not, and nothing happens.
 *
 * @param ended called within half a second of the end
 */
export function onParentEnd(ended: () => void): void {
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(timer);
    ended();
  }, INTERVAL);
  Deno.unrefTimer(timer);
}
