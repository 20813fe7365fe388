/**
 * Where sockets come from.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { ConnSocket, type Socket } from "./socket.ts";

/** A listening port. */
export interface Acceptor {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  /** Stops accepting. */
  close(): void;
}

/** Where to listen. */
export interface AcceptorAddress {
  /** Host to bind to. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /**
   * Whether other threads listen there, too.
   * @default false
   */
  readonly reusePort?: boolean;
}

/**
 * An address as the runtime's listeners take it: it is not to hear of `reusePort`
 * where nothing is shared, as it asks for a flag then.
 *
 * @param address where
 */
export function listenOptions(
  { hostname, port, reusePort }: AcceptorAddress,
): Deno.TcpListenOptions {
  return reusePort ? { hostname, port, reusePort } : { hostname, port };
}

/** Milliseconds without `accept` after one that failed, as without file descriptors. */
const ACCEPT_PAUSE = 100;

/**
 * Accepts from a listener of the runtime, with or without TLS.
 *
 * @param listener is closed with the acceptor
 * @param accepted gets every socket
 */
export function acceptConns(
  listener: Deno.Listener,
  accepted: (socket: Socket) => void,
): Acceptor {
  let closed = false;
  const run = async () => {
    while (!closed) {
      try {
        const conn = await listener.accept();
        if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
        accepted(new ConnSocket(conn));
      } catch (error) {
        if (closed) return;
        if (isPeersFault(error)) continue;
        getLogger("httpd").error(`accept failed: ${error}`);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      }
    }
  };
  run();
  return {
    addr: listener.addr as Deno.NetAddr,
    close() {
      closed = true;
      listener.close();
    },
  };
}

/** A peer that has left before it was accepted is no reason to accept no others. */
function isPeersFault(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
