/**
 * Ports for servers that cannot choose one themselves.
 *
 * @module
 */

/**
 * The ports to choose from. Systems give the ports above to outgoing connections and to
 * listeners on port 0 (Linux from 32768, others from 49152), so that one of those would
 * often be taken again before its server starts.
 */
const PORTS = { from: 12_000, to: 32_000 } as const;

/** A port of 127.0.0.1 that is free at the time of the call. */
export function freePort(): number {
  for (;;) {
    const { from, to } = PORTS;
    const port = from + Math.floor(Math.random() * (to - from));
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
