/**
 * Addresses as people write them.
 *
 * @module
 */

/**
 * `127.0.0.1:50000`, `[::1]:50000` (RFC 3986 §3.2.2), or the path of a Unix
 * socket.
 *
 * @param address the transport's other end
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

/** How an IPv4 address looks to a socket that takes IPv6, too (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The same address, where it is IPv4 that is written as IPv6 as plain IPv4.
 *
 * @param address the transport's other end
 */
export function plainAddress<A extends Deno.Addr>(address: A): A {
  if (!("hostname" in address) || !address.hostname.startsWith("::")) {
    return address;
  }
  const hostname = MAPPED.exec(address.hostname)?.[1];
  return hostname === undefined ? address : { ...address, hostname };
}
