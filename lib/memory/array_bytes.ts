/**
 * The memory of small byte arrays.
 *
 * @module
 */

/**
 * Bytes that a `Uint8Array` or an `ArrayBuffer` takes in addition to its content: objects
 * of V8 and of the runtime (400 to 440 seen in Deno 2.9.6).
 */
export const ARRAY_BYTES = 440;
