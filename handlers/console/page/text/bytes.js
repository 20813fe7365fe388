/**
 * Bytes as text: UTF-8 length, hex, hex dump, base64; and random bytes.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Bytes per line of a hex dump. */
const LINE_BYTES = 16;

/**
 * The length of a text in UTF-8.
 *
 * @param {string} text
 * @returns {number}
 */
export function utf8Length(text) {
  return encoder.encode(text).length;
}

/**
 * Writes bytes as two hex digits each.
 *
 * @param {Uint8Array} bytes
 * @returns {string} lower case, separated by spaces
 */
export function spacedHex(bytes) {
  return Array.from(bytes, twoDigits).join(" ");
}

/**
 * Parses hex digits; white space, commas, colons and `0x` may separate them.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseHex(text) {
  const digits = text.replace(/0x/gi, " ").replace(/[\s,:]+/g, "");
  const invalid = /[^0-9a-f]/iu.exec(digits);
  if (invalid !== null) {
    throw new SyntaxError(`“${invalid[0]}” is not a hex digit.`);
  }
  if (digits.length % 2 !== 0) {
    throw new SyntaxError("Each byte has two hex digits; one is missing.");
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/**
 * Makes a hex dump: offset, 16 bytes in hex, and the same bytes as ASCII.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function hexDump(bytes) {
  const lines = [];
  for (let offset = 0; offset < bytes.length; offset += LINE_BYTES) {
    const part = bytes.subarray(offset, offset + LINE_BYTES);
    const left = spacedHex(part.subarray(0, LINE_BYTES / 2));
    const right = spacedHex(part.subarray(LINE_BYTES / 2));
    const hex = `${left}  ${right}`.padEnd(3 * LINE_BYTES);
    lines.push(
      `${offset.toString(16).padStart(8, "0")}  ${hex}  ${ascii(part)}`,
    );
  }
  return lines.join("\n");
}

/**
 * Makes random bytes.
 *
 * @param {number} length
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function randomBytes(length) {
  const bytes = new Uint8Array(length);
  // getRandomValues() fills at most 64 KiB per call.
  for (let start = 0; start < length; start += 65536) {
    crypto.getRandomValues(bytes.subarray(start, start + 65536));
  }
  return bytes;
}

/**
 * Encodes bytes in base64.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function base64(bytes) {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 32768) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 32768));
  }
  return btoa(binary);
}

/** @param {number} byte */
function twoDigits(byte) {
  return byte.toString(16).padStart(2, "0");
}

/** @param {Uint8Array} bytes */
function ascii(bytes) {
  return Array.from(
    bytes,
    (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}
