/**
 * Time limits of tests that wait for an event.
 *
 * @module
 */

/** Milliseconds until a test fails: only a hang takes as long, also on a busy machine. */
const TIME_LIMIT = 50_000;

/** Attempts of {@linkcode inOneAttempt}. */
const ATTEMPTS = 10;

/** Milliseconds between two attempts of {@linkcode eventually}. */
const ATTEMPT_EVERY = 20;

/**
 * Waits for a promise; rejects after 50 seconds.
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
 * event; rejects after 50 seconds.
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

/**
 * Repeats a measurement until it keeps its bound, for bounds on time. A busy machine
 * stops a process now and then, which spoils a single attempt; code that exceeds its
 * bound exceeds it in each attempt.
 *
 * @param attempt measures, and throws where the bound is exceeded
 * @throws the error of the last attempt
 */
export async function inOneAttempt(
  attempt: () => void | Promise<void>,
): Promise<void> {
  for (let rest = ATTEMPTS - 1; rest > 0; rest--) {
    try {
      return await attempt();
    } catch {
      // The next attempt decides.
    }
  }
  await attempt();
}

/**
 * Makes the function of a test that {@linkcode inOneAttempt} repeats.
 *
 * @param attempt the test
 */
export function repeated(
  attempt: () => void | Promise<void>,
): () => Promise<void> {
  return () => inOneAttempt(attempt);
}
