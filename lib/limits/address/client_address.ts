/**
 * Whose request it is, where proxies stand in front of the service.
 *
 * @module
 */

import type { Fields } from "../../protocol/http_error.ts";
import { addressKey } from "./address_key.ts";

/** Tells which client a request is counted for. */
export type ClientOf = (
  request: { readonly headers: Fields },
  info: { readonly remoteAddr: Deno.Addr },
) => string;

/** What a peer without an IP address is counted as. */
const NO_ADDRESS = "unknown";

/**
 * The client that a request is counted for. Each proxy adds the address that it
 * was called from to the end of `X-Forwarded-For`, so that of the list the last
 * `trustedProxies` elements are known to be true; whatever is in front of them is
 * the client's own claim, and is never looked at. Where the list is shorter, or
 * the element is no address, the last address that is known counts.
 *
 * @param peer the transport's other end
 * @param forwardedFor the request's `X-Forwarded-For`, repeated ones joined, or null
 * @param trustedProxies proxies that every request comes through; 0: the peer is the client
 * @returns what {@linkcode addressKey} makes of it
 */
export function clientAddress(
  peer: Deno.Addr,
  forwardedFor: string | null,
  trustedProxies: number,
): string {
  let known = "hostname" in peer ? addressKey(peer.hostname) : undefined;
  let rest = trustedProxies > 0 ? forwardedFor ?? "" : "";
  for (let hop = 0; hop < trustedProxies && rest !== ""; hop++) {
    const comma = rest.lastIndexOf(",");
    const address = addressKey(rest.slice(comma + 1).trim());
    if (address === undefined) break;
    known = address;
    rest = rest.slice(0, Math.max(comma, 0));
  }
  return known ?? NO_ADDRESS;
}

/**
 * Makes {@linkcode clientAddress} of a request.
 *
 * @param trustedProxies proxies that every request comes through
 */
export function clientsBehind(trustedProxies: number): ClientOf {
  return ({ headers }, { remoteAddr }) =>
    clientAddress(remoteAddr, headers.get("x-forwarded-for"), trustedProxies);
}
