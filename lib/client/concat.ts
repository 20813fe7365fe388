/**
 * Concatenates byte arrays.
 *
 * @module
 */

/**
 * Concatenates byte arrays.
 *
 * @param arrays in order
 * @returns a copy; the array itself if there is only one
 */
export function concat(
  arrays: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  if (arrays.length === 1) return arrays[0]!;
  const size = arrays.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const array of arrays) {
    bytes.set(array, at);
    at += array.length;
  }
  return bytes;
}
