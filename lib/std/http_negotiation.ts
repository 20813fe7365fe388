/**
 * `@std/http/negotiation`: the part that this project uses.
 *
 * @module
 */

// deno-lint-ignore-file no-import-prefix -- an importer has no import map of this library

import * as negotiation from "npm:deno-std@1.4.0/http/negotiation.js";

/** A request, or another object with its header fields. */
export interface Negotiable {
  /** The header fields. */
  readonly headers: {
    /** Looks a field up by its name. */
    get(name: string): string | null;
  };
}

/** Returns the media type that a request prefers among some, or `undefined`. */
export const accepts: (
  request: Negotiable,
  ...types: string[]
) => string | undefined = negotiation.accepts;

/** Returns the encoding that a request prefers among some, or `undefined`. */
export const acceptsEncodings: (
  request: Negotiable,
  ...encodings: string[]
) => string | undefined = negotiation.acceptsEncodings;
