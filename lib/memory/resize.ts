/**
 * Growing and freeing of buffers. V8 collects large buffers late; many of them could
 * exceed the memory limit.
 *
 * @module
 */

/**
 * Makes a buffer longer. The old one is detached: its memory is free at once, and views of
 * it become empty.
 *
 * @param bytes the whole old buffer
 * @param size bytes of the new buffer, at least the size of the old one
 */
export function grown(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer.transfer(size));
}

/**
 * Copies bytes into a longer buffer; views of the old buffer stay valid.
 *
 * @param bytes the old buffer, or a view of it
 * @param size bytes of the new buffer, at least `length`
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

/** Frees a buffer at once; views of it become empty. */
export function free(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}
