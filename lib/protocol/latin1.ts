/**
 * Text as bytes, one for each character: header fields are Latin-1 (RFC 9110 §5.5).
 *
 * @module
 */

/**
 * Encodes a text.
 *
 * @param text characters up to U+00FF
 * @param bytes gets the text, and is returned; as long as the text
 */
export function toLatin1(
  text: string,
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(text.length),
): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
