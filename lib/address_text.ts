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
