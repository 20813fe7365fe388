/**
 * Compression of what the console loads.
 *
 * @module
 */

// @ts-types="../../lib/std/http_negotiation.d.ts"
import { acceptsEncodings } from "@std/http/negotiation";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";

/**
 * Compresses a text.
 *
 * @param text encoded as UTF-8
 */
export function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream();
  return new Response(stream.pipeThrough(new CompressionStream("gzip")))
    .bytes();
}

/**
 * Whether a client accepts gzip.
 *
 * @param request the client's
 */
export function acceptsGzip(request: Request): boolean {
  const bounded = boundedFields(request);
  return bounded.headers.get("accept-encoding") !== null &&
    acceptsEncodings(bounded, "gzip", "identity") === "gzip";
}
