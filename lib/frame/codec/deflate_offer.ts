/**
 * The negotiation of permessage-deflate (RFC 7692 §5 and §7.1) as a pure
 * function: offers in, agreement out.
 *
 * @module
 */

import type { ExtensionOffer } from "./extensions.ts";

/** What client and server agreed on. */
export interface DeflateAgreement {
  /** The server starts every message with an empty window (§7.1.1.1). */
  readonly serverNoContextTakeover: boolean;
  /** The client does (§7.1.1.2). */
  readonly clientNoContextTakeover: boolean;
  /**
   * Base-2 logarithm of the server's window, 8 to 15; `undefined`: none was
   * named, so 15 (§7.1.2.1).
   */
  readonly serverMaxWindowBits: number | undefined;
  /** The same of the client's window (§7.1.2.2). */
  readonly clientMaxWindowBits: number | undefined;
}

/** The extension's token. */
const NAME = "permessage-deflate";

/** A window of 8 to 15 bits in decimal, without leading zeros (§7.1.2). */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;

/**
 * Chooses the first offer that can be met.
 *
 * An unknown or doubled parameter, or one with a value that it cannot have,
 * declines its offer and no other (§5.1).
 *
 * @param offers the client's, in its order of preference
 * @returns `undefined` where none can be met
 */
export function agreeOnDeflate(
  offers: readonly ExtensionOffer[],
): DeflateAgreement | undefined {
  for (const offer of offers) {
    if (offer.name !== NAME) continue;
    const agreement = accept(offer);
    if (agreement !== undefined) return agreement;
  }
  return undefined;
}

function accept({ parameters }: ExtensionOffer): DeflateAgreement | undefined {
  const values = new Map(parameters);
  if (values.size < parameters.length) return undefined;
  for (const [name, value] of parameters) {
    if (!isAllowed(name, value)) return undefined;
  }
  return {
    serverNoContextTakeover: values.has("server_no_context_takeover"),
    clientNoContextTakeover: values.has("client_no_context_takeover"),
    serverMaxWindowBits: number(values.get("server_max_window_bits")),
    clientMaxWindowBits: number(values.get("client_max_window_bits")),
  };
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

/** A client that offers to be told a number, and names none, is told none (§7.1.2.2). */
function number(value: string | true | undefined): number | undefined {
  return typeof value === "string" ? Number(value) : undefined;
}

/**
 * The server's `Sec-WebSocket-Extensions`. A window that the offer named is
 * named again; so `client_max_window_bits` is answered only where it was offered.
 *
 * @param agreement what was agreed on
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
