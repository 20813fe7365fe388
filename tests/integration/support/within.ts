/**
 * Time limits of tests that wait for an event.
 *
 * @module
 */

/** Milliseconds until a test fails; longer than any wait on a slow machine. */
const TIME_LIMIT = 20_000;

/** Milliseconds between two attempts of {@linkcode eventually}. */
const ATTEMPT_EVERY = 20;

/**
 * Waits for a promise; rejects after 20 seconds.
 *
 * @param promise the event
 * @param what its name in the error message
 */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what} did not come in time`)),
    TIME_LIMIT,
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Retries until an attempt succeeds, for conditions without an
 * event; rejects after 20 seconds.
 *
 * @param attempt returns `undefined` or `false`, or throws, until it succeeds
 * @param what the condition's name in the error message
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  what: string,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + TIME_LIMIT;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      const result = await attempt();
      if (result !== undefined && result !== false) {
        return result as Exclude<T, undefined | false>;
      }
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_EVERY));
  }
  throw new Error(`${what} did not come in time`, { cause });
}
