/**
 * Names of journals, channels and values. A name is the key: a client that knows it can read.
 *
 * @module
 */

import { RefusedError } from "../../lib/protocol/http_error.ts";

/** Characters of a token (RFC 9110 §5.6.2), 1 to 64 of them. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;

/**
 * Checks a name.
 *
 * @param what the thing with the name, for the message
 * @param name decoded
 * @throws {RefusedError} 400, the name is no token of 1 to 64 characters
 */
export function checkName(what: string, name: string): string {
  if (NAME.test(name)) return name;
  throw new RefusedError({
    status: 400,
    message:
      `The name of a ${what} is a token: 1 to 64 letters, digits and characters of !#$%&'*+-.^_\`|~.`,
  });
}
