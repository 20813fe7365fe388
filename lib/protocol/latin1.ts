/**
 * Text as bytes, one for each character: header fields are Latin-1 (RFC 9110 §5.5).
 *
 * @module
 */

/**
 * Encodes a text.
 *
 * @param text characters up to U+00FF
 */
export function toLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
