/**
 * Collections of garbage that the service asks for.
 *
 * V8 collects garbage when memory is allocated, so a service that has become idle keeps
 * what it has released. No call of Deno collects garbage, but V8 does so when a program
 * allocates a buffer that is larger than its heap may be. It does not while it already
 * marks, so one call in a few has no effect. Seen in Deno 2.9.6.
 *
 * @module
 */

/** The buffer is never written to, so it takes no physical memory. */
const TRIGGER_BYTES = 2 ** 34;

/** Collects the garbage of this thread in most cases; call it several times. */
export function collectGarbage(): void {
  try {
    new ArrayBuffer(TRIGGER_BYTES).transfer(0);
  } catch (error) {
    // Without so much address space, V8 has collected garbage before it gave up.
    if (!(error instanceof RangeError)) throw error;
  }
}
