/**
 * Where sockets come from.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { ConnSocket, type Socket } from "./socket.ts";
import {
  HANDLE_TYPE,
  type TcpAddress,
  TcpHandle,
  tcpHandlesExist,
} from "./tcp_handle.ts";
import { addressOf, TcpSocket } from "./tcp_socket.ts";

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
}

/** Milliseconds without `accept` after one that failed, as without file descriptors. */
const ACCEPT_PAUSE = 100;

/** Peers that may wait to be accepted, as `node:net` has it. */
const BACKLOG = 511;

/**
 * Accepts on a port: by a TCP handle of the runtime, or where there is none, or
 * it cannot have the port, by what the runtime documents.
 *
 * @param address where
 * @param accepted gets every socket
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function acceptOn(
  address: AcceptorAddress,
  accepted: (socket: Socket) => void,
): Acceptor {
  return acceptHandles(address, accepted) ??
    acceptConns(Deno.listen({ ...address }), accepted);
}

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

/**
 * Accepts by a TCP handle of the runtime.
 *
 * @param address where
 * @param accepted gets every socket
 * @returns `undefined` where there are no handles, or one cannot have the port
 * @throws {Deno.errors.NotCapable} without the permission
 */
export function acceptHandles(
  { hostname, port }: AcceptorAddress,
  accepted: (socket: Socket) => void,
): Acceptor | undefined {
  if (!tcpHandlesExist) return undefined;
  const handle = new TcpHandle(HANDLE_TYPE.SERVER);
  const bound = hostname.includes(":")
    ? handle.bind6(hostname, port, 0)
    : handle.bind(hostname, port);
  const own: Partial<TcpAddress> = {};
  if (
    bound !== 0 || handle.listen(BACKLOG) !== 0 || handle.getsockname(own) !== 0
  ) {
    handle.close();
    return undefined;
  }
  handle.onconnection = () => {
    const socket = new TcpSocket();
    if (handle.accept(socket) === 0 && socket.opened()) accepted(socket);
    else socket.close();
  };
  const timer = setInterval(() => lookAgain(handle), ACCEPT_PAUSE);
  return {
    addr: addressOf(own as TcpAddress),
    close() {
      clearInterval(timer);
      handle.close();
    },
  };
}

/**
 * Has a handle try to accept. Where there was no file descriptor for a peer, the
 * handle waits for the next one, which the system does not tell of while others
 * wait; starting to read is what makes it look, though there is nothing to read.
 */
function lookAgain(handle: TcpHandle): void {
  handle.onread ??= () => {};
  handle.readStop();
  handle.readStart();
}
