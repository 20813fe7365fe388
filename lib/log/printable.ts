/**
 * Text of a peer in the log.
 *
 * @module
 */

/** Characters of a peer's text that reach the log. */
const PRINTABLE_LENGTH = 128;

/** Control characters, and the marks that turn the direction of text around. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Makes a peer's text fit for a log line: cut at 128 characters, without
 * control characters, so that it can neither end the line nor steer a terminal.
 *
 * @param text anything a peer sent
 */
export function printable(text: string): string {
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
