/**
 * A listening port, and the loop that accepts its sockets.
 *
 * @module
 */

import { getLogger } from "../../std/log.ts";
import { ConnSocket, type Socket } from "./socket.ts";

/** A listening port. */
export interface Acceptor {
  /** The address that the port is bound to. */
  readonly addr: Deno.NetAddr;
  /**
   * Stops accepting. On native sockets it resolves when every socket is closed and
   * nothing is held for them; on the runtime's at once, also while sockets are open.
   */
  close(): Promise<void>;
}

/** The address of an {@linkcode Acceptor}. */
export interface AcceptorAddress {
  /** Host to bind to. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /**
   * Whether other threads listen on the same port.
   * @default false
   */
  readonly reusePort?: boolean;
}

/**
 * Makes the options of `Deno.listen`. `reusePort` is left out where it is false:
 * the runtime needs a flag for the option, whatever its value.
 *
 * @param address host and port
 */
export function listenOptions(
  { hostname, port, reusePort }: AcceptorAddress,
): Deno.TcpListenOptions {
  return reusePort ? { hostname, port, reusePort } : { hostname, port };
}

/**
 * Milliseconds to wait after a failed `accept`, for instance without a free file
 * descriptor.
 */
export const ACCEPT_PAUSE = 100;

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
        if (isDisconnect(error)) continue;
        getLogger("httpd").error("accept failed:", error);
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
      return Promise.resolve();
    },
  };
}

/** Whether the client disconnected before it was accepted. */
function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
