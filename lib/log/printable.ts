/**
 * Text of a client in the log.
 *
 * @module
 */

/** Characters of a text at most. */
const PRINTABLE_LENGTH = 128;

/** Control characters, backslash, marks of text direction, and lone surrogates. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- it matches control characters
  /[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Short texts of visible ASCII characters, which most are. */
const SAFE = /^[ -[\]-~]{0,128}$/;

/**
 * Makes a text safe for a log line: cuts it at 128 characters, and escapes control
 * characters, which could end the line or control a terminal.
 */
export function printable(text: string): string {
  if (SAFE.test(text)) return text;
  const cut = text.length > PRINTABLE_LENGTH;
  const shown = cut ? text.slice(0, PRINTABLE_LENGTH) : text;
  return shown.replace(UNSAFE, escape) + (cut ? "…" : "");
}

function escape(character: string): string {
  switch (character) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    case "\\":
      return "\\\\";
    default:
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  }
}
