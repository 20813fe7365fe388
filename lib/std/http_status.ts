/**
 * `@std/http/status`: the part that this project uses.
 *
 * @module
 */

// deno-lint-ignore-file no-import-prefix -- an importer has no import map of this library

import { STATUS_TEXT as texts } from "npm:deno-std@1.4.0/http/status.js";

/** The reason phrases of HTTP by status code (RFC 9110 §15). */
export const STATUS_TEXT: Readonly<Record<number, string>> = texts;
