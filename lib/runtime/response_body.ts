/**
 * Finds out whether a response can be sent, and leaves its body as it is. The
 * runtime turns a body of text into a stream when `Response.body` is read, and sends
 * it in chunks, without a Content-Length. Seen in Deno 2.9.6. A runtime
 * without the symbol gets the read.
 *
 * @module
 */

import { symbolOf } from "./internals.ts";

/** The runtime's inner response, whose body is null until a stream was made of it. */
const INNER = "response";

/**
 * Whether the body of a response is being read, or was.
 *
 * @param response any response
 */
export function isBodyInUse(response: Response): boolean {
  if (response.bodyUsed) return true;
  const symbol = symbolOf(response, INNER);
  const inner = symbol &&
    (response as Response & Record<symbol, unknown>)[symbol] as {
      readonly body?: { unusable?(): boolean } | null;
    };
  if (inner?.body === null) return false;
  return inner?.body?.unusable?.() ?? response.body?.locked === true;
}
