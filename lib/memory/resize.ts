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
 * Copies bytes into a longer buffer; views of the old one stay valid.
 *
 * @param bytes a buffer, or a part of one
 * @param length how many of them
 * @param size of the new one in bytes, at least the length
 */
export function copied(
  bytes: Uint8Array,
  length: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes.subarray(0, length));
  return larger;
}

/**
 * Frees a buffer at once; views of it are empty from then on.
 *
 * @param buffer is not used any more
 */
export function free(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}
