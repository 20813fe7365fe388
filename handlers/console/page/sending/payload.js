/**
 * Payloads and schedules, parsed from the form “Send”.
 *
 * @module
 */

import { parseHex, randomBytes } from "../text/bytes.js";

/** @import { Mode } from "../connection/setup.js" */

/** Maximum bytes of random data in one message. */
const RANDOM_LIMIT = 64 * 2 ** 20;

/** @type {Record<string, number>} */
const UNIT = { "": 1, kib: 2 ** 10, mib: 2 ** 20 };

/**
 * Parses a number of bytes.
 *
 * @param {string} text such as `1024`, `64KiB` or `1MiB`
 * @returns {number}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseSize(text) {
  const match = /^(\d{1,9})\s*(KiB|MiB)?$/i.exec(text.trim());
  const unit = UNIT[match?.[2]?.toLowerCase() ?? ""] ?? 1;
  const size = match === null ? Number.NaN : Number(match[1]) * unit;
  if (!(size <= RANDOM_LIMIT)) {
    throw new SyntaxError(
      "The size must be a number of bytes such as 1024, 64KiB or 1MiB, at most 64MiB.",
    );
  }
  return size;
}

/**
 * Parses JSON.
 *
 * @param {string} text
 * @returns {unknown} the value
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseJson(text) {
  if (text.trim() === "") throw new SyntaxError("Enter a JSON value.");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(
      `Invalid JSON: ${/** @type {Error} */ (error).message}`,
    );
  }
}

/**
 * Formats JSON with line breaks and indentation; other text stays unchanged.
 *
 * @param {string} text
 * @returns {string}
 */
export function prettyJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * Whether a text is a JSON object or array that {@linkcode prettyJson} changes.
 *
 * @param {string} text
 * @returns {boolean}
 */
export function isJsonStructure(text) {
  return /^\s*[[{]/.test(text) && prettyJson(text) !== text;
}

/**
 * Checks the form and returns a function that makes the payload of each message.
 *
 * @param {Mode} mode
 * @param {object} form
 * @param {string} form.message
 * @param {string} form.size
 * @param {Uint8Array<ArrayBuffer> | undefined} form.file
 * @returns {() => string | Uint8Array<ArrayBuffer>}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function payloadMaker(mode, { message, size, file }) {
  switch (mode) {
    case "text":
      return () => message;
    case "json":
      parseJson(message);
      return () => message;
    case "hex": {
      const bytes = parseHex(message);
      return () => bytes;
    }
    case "file":
      if (file === undefined) throw new SyntaxError("Choose a file.");
      return () => file;
    case "random": {
      const length = parseSize(size);
      return () => randomBytes(length);
    }
  }
}

/** @typedef {{ times: number, interval: number }} Repeat */

/**
 * Parses the number of messages and the interval between them.
 *
 * @param {string} times
 * @param {string} interval in milliseconds
 * @returns {Repeat}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseRepeat(times, interval) {
  const repeat = { times: Number(times), interval: Number(interval) };
  if (!/^\d+$/.test(times.trim()) || repeat.times < 1 || repeat.times > 1e6) {
    throw new SyntaxError("Times must be a whole number from 1 to 1000000.");
  }
  if (!(repeat.interval >= 0 && repeat.interval <= 3.6e6)) {
    throw new SyntaxError(
      "The interval must be a number of milliseconds from 0 to 3600000.",
    );
  }
  return repeat;
}
