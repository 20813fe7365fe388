/**
 * Waiting for a time or an abort signal.
 *
 * @module
 */

/**
 * Waits for a time, or until a signal is aborted. Removes its timer and its listeners.
 *
 * @param signals end the wait early
 * @returns whether the whole time has passed
 */
export function wait(
  milliseconds: number,
  signals: readonly AbortSignal[] = [],
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const settle = (passed: boolean) => {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener("abort", abort);
    resolve(passed);
  };
  const abort = () => settle(false);
  const timer = setTimeout(() => settle(true), milliseconds);
  for (const signal of signals) signal.addEventListener("abort", abort);
  if (signals.some(({ aborted }) => aborted)) abort();
  return promise;
}
