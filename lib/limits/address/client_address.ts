/**
 * The address of the client of a request, also behind proxies.
 *
 * @module
 */

import type { RequestFields } from "../../protocol/http_error.ts";
import { addressKey } from "./address_key.ts";

/** Returns the name of the client's address, under which a request is counted. */
export type ClientOf = (
  request: RequestFields,
  info: { readonly remoteAddr: Deno.Addr },
) => string;

/** Name of all clients without an IP address. */
const NO_ADDRESS = "unknown";

/**
 * Returns the name of the client's address. Each proxy appends the address of its
 * client to `X-Forwarded-For`, so the last `trustedProxies` elements are trustworthy.
 * The elements before them are ignored, since the client may have made them up. If the
 * list is shorter or an element is no address, the last valid address counts.
 *
 * @param remoteAddr address of the transport's remote end
 * @param forwardedFor the request's `X-Forwarded-For`, repeated ones joined, or null
 * @param trustedProxies proxies that every request passes; 0 if clients connect directly
 * @returns a name by {@linkcode addressKey}, or `unknown`
 */
export function clientAddress(
  remoteAddr: Deno.Addr,
  forwardedFor: string | null,
  trustedProxies: number,
): string {
  const host = clientHost(remoteAddr, forwardedFor, trustedProxies);
  return addressKey(host) ?? NO_ADDRESS;
}

/**
 * Returns the client's address itself, as its socket or the proxy wrote it; see
 * {@linkcode clientAddress}.
 *
 * @param remoteAddr address of the transport's remote end
 * @param forwardedFor the request's `X-Forwarded-For`, repeated ones joined, or null
 * @param trustedProxies proxies that every request passes; 0 if clients connect directly
 * @returns an address, with the port that a proxy may have added, or `""`
 */
export function clientHost(
  remoteAddr: Deno.Addr,
  forwardedFor: string | null,
  trustedProxies: number,
): string {
  let known = "hostname" in remoteAddr ? remoteAddr.hostname : "";
  let rest = trustedProxies > 0 ? forwardedFor ?? "" : "";
  for (let hop = 0; hop < trustedProxies && rest !== ""; hop++) {
    const comma = rest.lastIndexOf(",");
    const host = rest.slice(comma + 1).trim();
    if (addressKey(host) === undefined) break;
    known = host;
    rest = rest.slice(0, Math.max(comma, 0));
  }
  return known;
}

/**
 * Makes a function that applies {@linkcode clientAddress} to requests.
 */
export function clientsBehind(trustedProxies: number): ClientOf {
  return ({ headers }, { remoteAddr }) =>
    clientAddress(remoteAddr, headers.get("x-forwarded-for"), trustedProxies);
}
