/**
 * The check that a listener can send what a handler returned. The runtime's server
 * ends when it is given anything else (seen in Deno 2.9.6).
 *
 * @module
 */

import { isBodyInUse } from "../runtime/response_body.ts";

/**
 * Whether a value is a response that can be sent: of a status from 200 to 599, and
 * with a body that is neither read nor being read.
 *
 * @param value any value
 */
function isSendable(value: unknown): value is Response {
  return value instanceof Response && value.status >= 200 &&
    value.status <= 599 && !isBodyInUse(value);
}

/**
 * Checks that a handler's response can be sent.
 *
 * @param value what the handler returned
 * @throws {TypeError} it cannot be sent
 */
export function sendable(value: unknown): Response {
  if (isSendable(value)) return value;
  if (!(value instanceof Response)) throw new TypeError("this is no Response");
  throw new TypeError(
    value.status < 200 || value.status > 599
      ? `a Response of status ${value.status} cannot be sent`
      : "the body of the Response is in use, or was sent before",
  );
}
