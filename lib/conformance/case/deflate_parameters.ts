/**
 * The parameters of permessage-deflate in families 12 and 13
 * ({@link https://www.rfc-editor.org/rfc/rfc7692#section-7.1 | RFC 7692 §7.1}): what the
 * engine offers as a client, and what it requires as a server.
 *
 * @module
 */

import {
  type DeflateAgreement,
  deflateParameters,
  deflateResponse,
} from "../../frame/codec/deflate_offer.ts";
import type { ExtensionOffer } from "../../frame/codec/extensions.ts";

/** What one side requires of the other side's compressor. */
export interface DeflateRequest {
  /** Each message starts with an empty window. */
  readonly noContextTakeover: boolean;
  /** Base-2 logarithm of the window; 0: not limited. */
  readonly maxWindowBits: number;
}

/** Requests in order of preference: the first one that the peer supports applies. */
export type DeflateParameters = readonly DeflateRequest[];

/** An accepted offer. */
export interface AcceptedDeflate {
  /** The parameters. */
  readonly agreement: DeflateAgreement;
  /** The value of `Sec-WebSocket-Extensions` in the response. */
  readonly response: string;
}

const NAME = "permessage-deflate";

/**
 * The offers of a client. It supports every request of the server.
 *
 * @param parameters requests for the server's compressor
 * @returns the value of `Sec-WebSocket-Extensions`
 */
export function deflateOffers(parameters: DeflateParameters): string {
  return parameters.map(({ noContextTakeover, maxWindowBits }) =>
    [
      NAME,
      "client_no_context_takeover",
      "client_max_window_bits",
      ...(noContextTakeover ? ["server_no_context_takeover"] : []),
      ...(maxWindowBits > 0 ? [`server_max_window_bits=${maxWindowBits}`] : []),
    ].join("; ")
  ).join(", ");
}

/**
 * Accepts an offer of a client.
 *
 * @param offers of the client, in its order
 * @param parameters requests for the client's compressor
 * @returns `undefined` if no offer supports a request
 */
export function acceptDeflate(
  offers: readonly ExtensionOffer[],
  parameters: DeflateParameters,
): AcceptedDeflate | undefined {
  const valid = offers.map(deflateParameters)
    .filter((values) => values !== undefined);
  for (const request of parameters) {
    // Every client can be asked for `client_no_context_takeover` (RFC 7692 §7.1.1.2), but
    // for a window only if it has offered that (§7.1.2.2).
    const offer = valid.find((values) =>
      request.maxWindowBits === 0 || values.has("client_max_window_bits")
    );
    if (offer === undefined) continue;
    const bits = offer.get("server_max_window_bits");
    const agreement = {
      serverNoContextTakeover: offer.has("server_no_context_takeover"),
      clientNoContextTakeover: request.noContextTakeover,
      serverMaxWindowBits: bits === undefined ? undefined : Number(bits),
      clientMaxWindowBits: request.maxWindowBits || undefined,
    };
    return { agreement, response: deflateResponse(agreement) };
  }
  return undefined;
}

/**
 * Reads the response of a server.
 *
 * @param extensions of the response
 * @returns `undefined` without permessage-deflate, or if a parameter is invalid
 */
export function readDeflateResponse(
  extensions: readonly ExtensionOffer[],
): DeflateAgreement | undefined {
  const values = extensions.map(deflateParameters)
    .find((values) => values !== undefined);
  if (values === undefined) return undefined;
  const client = values.get("client_max_window_bits");
  const server = values.get("server_max_window_bits");
  return {
    serverNoContextTakeover: values.has("server_no_context_takeover"),
    clientNoContextTakeover: values.has("client_no_context_takeover"),
    serverMaxWindowBits: server === undefined ? undefined : Number(server),
    clientMaxWindowBits: typeof client === "string"
      ? Number(client)
      : undefined,
  };
}
