/**
 * A length limit for header fields that a slow parser reads.
 *
 * @module
 */

import type { RequestFields } from "./http_error.ts";

/** Characters of a field at most; browsers send about 200. */
const MAX_LENGTH = 1024;

/** Makes a view of a request without the fields that are longer than 1024 characters. */
export function boundedFields(request: RequestFields): RequestFields {
  return {
    headers: {
      get(name) {
        const value = request.headers.get(name);
        return value !== null && value.length > MAX_LENGTH ? null : value;
      },
    },
  };
}
