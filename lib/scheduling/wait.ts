/**
 * Waiting that can be cut short.
 *
 * @module
 */

/**
 * Waits for a time, or until one of some signals is aborted. No timer and no
 * listener is left behind.
 *
 * @param milliseconds how long
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
    for (const signal of signals) signal.removeEventListener("abort", cut);
    resolve(passed);
  };
  const cut = () => settle(false);
  const timer = setTimeout(() => settle(true), milliseconds);
  for (const signal of signals) signal.addEventListener("abort", cut);
  if (signals.some(({ aborted }) => aborted)) cut();
  return promise;
}
