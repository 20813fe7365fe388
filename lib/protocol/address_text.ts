/**
 * Addresses as text.
 *
 * @module
 */

/**
 * Formats an address: `127.0.0.1:50000`, `[::1]:50000` (RFC 3986 §3.2.2), or the path of
 * a Unix socket.
 */
export function addressText(address: Deno.Addr): string {
  if ("hostname" in address) {
    const { hostname, port } = address;
    return hostname.includes(":")
      ? `[${hostname}]:${port}`
      : `${hostname}:${port}`;
  }
  return "path" in address ? address.path : address.transport;
}

/** An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), as a dual-stack socket reports it. */
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** Converts an IPv4-mapped IPv6 address to the IPv4 address; returns others unchanged. */
export function plainAddress<A extends Deno.Addr>(address: A): A {
  if (!("hostname" in address) || !address.hostname.startsWith("::")) {
    return address;
  }
  const hostname = MAPPED.exec(address.hostname)?.[1];
  return hostname === undefined ? address : { ...address, hostname };
}
