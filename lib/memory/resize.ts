/**
 * Buffers that grow, and buffers that are given up, without garbage: V8 collects
 * large buffers late, and many that wait for that take more memory than the limit.
 *
 * @module
 */

/**
 * Makes a buffer longer. The old one is detached: its memory is free at once, and
 * views of it are empty from then on.
 *
 * @param bytes the whole of a buffer
 * @param size of the new one in bytes, at least that of the old one
 */
export function grown(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer.transfer(size));
}

/**
 * Frees a buffer at once; views of it are empty from then on.
 *
 * @param bytes a view of it
 */
export function free(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}
