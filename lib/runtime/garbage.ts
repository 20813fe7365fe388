/**
 * Collections of garbage that the service asks for.
 *
 * V8 collects garbage when memory is allocated, so a service that has become idle keeps
 * what it has released. No call of Deno collects garbage. But V8 begins to mark, or goes
 * on with it, when a buffer of 64 MiB is allocated. Seen in Deno 2.9.6.
 *
 * @module
 */

/** The buffer is never written to, so it takes no physical memory. */
const TRIGGER_BYTES = 64 * 2 ** 20;

/** Makes V8 continue with a collection, for 10 ms at most; a few calls are a collection. */
export function collectGarbage(): void {
  new ArrayBuffer(TRIGGER_BYTES);
}
