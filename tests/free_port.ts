/**
 * Ports for servers that cannot choose one themselves.
 *
 * @module
 */

/** A port of 127.0.0.1 that is free at the time of the call. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
