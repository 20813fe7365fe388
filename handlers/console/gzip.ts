/**
 * gzip for the responses of the console.
 *
 * @module
 */

import { acceptsEncodings } from "@std/http/negotiation";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";

/**
 * Compresses a text with gzip.
 *
 * @param text encoded as UTF-8
 */
export function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream();
  return new Response(stream.pipeThrough(new CompressionStream("gzip")))
    .bytes();
}

/**
 * Whether `Accept-Encoding` names gzip and prefers it to no compression.
 *
 * @param request the client's request
 */
export function acceptsGzip(request: Request): boolean {
  const bounded = boundedFields(request);
  return bounded.headers.get("accept-encoding") !== null &&
    acceptsEncodings(bounded, "gzip", "identity") === "gzip";
}
