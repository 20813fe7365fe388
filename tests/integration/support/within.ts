/**
 * Watchdogs: a test that waits for something that never happens fails and says
 * what it was.
 *
 * @module
 */

/** Long enough for the slowest machine; never what a test measures. */
const PATIENCE = 20_000;

/**
 * Waits for a promise, but not forever.
 *
 * @param promise what is waited for
 * @param what its name in the failure message
 */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`waited in vain for ${what}`)),
    PATIENCE,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries until something works that no event announces.
 *
 * @param attempt returns `undefined` or throws as long as it does not
 * @param what its name in the failure message
 */
export async function eventually<T>(
  attempt: () => Promise<T | undefined>,
  what: string,
): Promise<T> {
  const end = performance.now() + PATIENCE;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for ${what}`, { cause });
}
