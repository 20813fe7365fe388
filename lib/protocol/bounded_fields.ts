/**
 * Header fields that are short enough for a parser whose cost is not bounded.
 *
 * @module
 */

import type { Fields } from "./http_error.ts";

/** Characters of a field that a client has a use for: browsers send some 200. */
const MAX_LENGTH = 1024;

/**
 * Makes a view of a request in which a longer field is missing.
 *
 * @param request whose fields are looked up
 */
export function boundedFields(
  request: { readonly headers: Fields },
): { readonly headers: Fields } {
  return {
    headers: {
      get(name) {
        const value = request.headers.get(name);
        return value !== null && value.length > MAX_LENGTH ? null : value;
      },
    },
  };
}
