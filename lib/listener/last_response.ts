/**
 * The last response of a connection of the edge listener.
 *
 * @module
 */

import { type HttpError, RefusedError } from "../protocol/http_error.ts";
import { withSecurityFields } from "../protocol/security_fields.ts";

/**
 * Makes an error response that ends the connection, unless the request is a HEAD. The
 * runtime ends a connection only where a response breaks off (seen in Deno 2.9.6): this
 * one does so before its last byte, a line feed.
 *
 * @param error the content, sent as plain text
 */
export function lastResponse(error: HttpError): Response {
  const text = new TextEncoder().encode(error.message);
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(text),
    pull: (controller) => controller.error(new RefusedError(error)),
  });
  return withSecurityFields(
    new Response(body, {
      status: error.status,
      headers: {
        ...error.headers,
        // A compressed body has no length.
        "cache-control": "no-store, no-transform",
        "connection": "close",
        "content-length": `${text.length + 1}`,
        "content-type": "text/plain; charset=utf-8",
      },
    }),
  );
}
