/**
 * The negotiation of permessage-deflate
 * ({@link https://www.rfc-editor.org/rfc/rfc7692#section-7.1 | RFC 7692 §7.1}): offers in,
 * agreement out. The sections below are those of RFC 7692.
 *
 * @module
 */

import type { ExtensionOffer } from "./extensions.ts";

/** The agreed parameters. */
export interface DeflateAgreement {
  /** Whether the server starts every message with an empty window (§7.1.1.1). */
  readonly serverNoContextTakeover: boolean;
  /** Whether the client starts every message with an empty window (§7.1.1.2). */
  readonly clientNoContextTakeover: boolean;
  /**
   * Base-2 logarithm of the server's window, 8 to 15 (§7.1.2.1).
   * `undefined`: not in the offer, so 15.
   */
  readonly serverMaxWindowBits: number | undefined;
  /**
   * Base-2 logarithm of the client's window, 8 to 15 (§7.1.2.2).
   * `undefined`: not in the offer, so 15.
   */
  readonly clientMaxWindowBits: number | undefined;
}

/** The name of the extension. */
const NAME = "permessage-deflate";

/** 8 to 15 in decimal, without leading zeros (§7.1.2). */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;

/**
 * Accepts the first valid offer. An offer with an unknown, repeated or invalid
 * parameter is declined (§7.1).
 *
 * @param offers the client's offers, in its order of preference
 * @returns `undefined` where no offer is valid
 */
export function agreeOnDeflate(
  offers: readonly ExtensionOffer[],
): DeflateAgreement | undefined {
  for (const offer of offers) {
    const agreement = accept(offer);
    if (agreement !== undefined) return agreement;
  }
  return undefined;
}

function accept(offer: ExtensionOffer): DeflateAgreement | undefined {
  const values = deflateParameters(offer);
  return values && {
    serverNoContextTakeover: values.has("server_no_context_takeover"),
    clientNoContextTakeover: values.has("client_no_context_takeover"),
    serverMaxWindowBits: number(values.get("server_max_window_bits")),
    clientMaxWindowBits: number(values.get("client_max_window_bits")),
  };
}

/**
 * Reads the parameters of an offer or of a response.
 *
 * @param extension the offer or the response
 * @returns the parameters by name; `undefined` for another extension, or where a
 * parameter is unknown, repeated or invalid
 */
export function deflateParameters(
  { name, parameters }: ExtensionOffer,
): ReadonlyMap<string, string | true> | undefined {
  if (name !== NAME) return undefined;
  const values = new Map(parameters);
  if (values.size < parameters.length) return undefined;
  return parameters.every(([name, value]) => isAllowed(name, value))
    ? values
    : undefined;
}

function isAllowed(name: string, value: string | true): boolean {
  switch (name) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === true;
    case "server_max_window_bits":
      return value !== true && WINDOW_BITS.test(value);
    case "client_max_window_bits":
      return value === true || WINDOW_BITS.test(value);
    default:
      return false;
  }
}

/** `client_max_window_bits` without a value leaves the choice open (§7.1.2.2). */
function number(value: string | true | undefined): number | undefined {
  return typeof value === "string" ? Number(value) : undefined;
}

/**
 * The server's `Sec-WebSocket-Extensions`. A window that the offer names is in the
 * response too, so `client_max_window_bits` never is where it was not offered.
 *
 * @param agreement the agreed parameters
 */
export function deflateResponse(agreement: DeflateAgreement): string {
  const { serverMaxWindowBits, clientMaxWindowBits } = agreement;
  const parts = [NAME];
  if (agreement.serverNoContextTakeover) {
    parts.push("server_no_context_takeover");
  }
  if (agreement.clientNoContextTakeover) {
    parts.push("client_no_context_takeover");
  }
  if (serverMaxWindowBits !== undefined) {
    parts.push(`server_max_window_bits=${serverMaxWindowBits}`);
  }
  if (clientMaxWindowBits !== undefined) {
    parts.push(`client_max_window_bits=${clientMaxWindowBits}`);
  }
  return parts.join("; ");
}
