/**
 * Resets a TCP connection of `Deno.listen`: the client gets RST, and no FIN before it.
 *
 * The runtime has no call for that. Its `close()` always sends FIN first, so a client
 * sees the regular end of the stream even if a reset follows. Three steps reset a
 * connection all the same (seen in Deno 2.9.6):
 *
 * 1. A TCP handle of `process.binding` duplicates the file descriptor. The handle's
 *    `reset()` sets `SO_LINGER` to 0, which both descriptors share, and closes the
 *    duplicate.
 * 2. `Deno.startTls` takes the connection out of the runtime's table, and fails because
 *    of a certificate that is not valid. It has written nothing by then.
 * 3. The runtime drops the connection without FIN. The operating system sends RST.
 *
 * In a runtime without these steps, the connection is closed.
 *
 * @module
 */

import process from "node:process";
import { symbolOf } from "./internals.ts";

/** The id of the connection's resource. */
const RESOURCE_ID = "Deno.internal.rid";

/** An address for which the permission to connect is asked; nothing connects to it. */
const HOST = "127.0.0.1";

/** A certificate that no parser accepts. */
const BAD_CERTIFICATE =
  "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

/** The runtime's TCP handle, as far as it is used here. */
interface TcpHandle {
  openFromRid?(rid: number): number;
  reset?(): number;
}

/** The module `tcp_wrap` of `process.binding`. */
interface TcpWrap {
  readonly TCP?: new (type: number) => TcpHandle;
  readonly constants?: { readonly SOCKET: number };
}

/**
 * Resets a connection, or closes it where that is not possible: with TLS, or without the
 * permission to connect to 127.0.0.1.
 *
 * @param conn has no read and no write under way
 * @returns whether the client gets RST without FIN
 */
export async function resetConn(conn: Deno.Conn): Promise<boolean> {
  if (isPermitted() && !("handshake" in conn) && setLinger(conn)) {
    return await drop(conn as Deno.TcpConn);
  }
  conn.close();
  return false;
}

/** A query of the state does not prompt. */
function isPermitted(): boolean {
  const net = { name: "net", host: HOST } as const;
  return Deno.permissions.querySync(net).state === "granted";
}

/** Makes the operating system send RST at the close. */
function setLinger(conn: Deno.Conn): boolean {
  const rid = symbolOf(conn, RESOURCE_ID);
  const { TCP, constants } = tcpWrap();
  if (rid === undefined || TCP === undefined || constants === undefined) {
    return false;
  }
  const handle = new TCP(constants.SOCKET);
  const id = (conn as unknown as Record<symbol, number>)[rid]!;
  return handle.openFromRid?.(id) === 0 && handle.reset?.() === 0;
}

function tcpWrap(): TcpWrap {
  const { binding } = process as unknown as {
    binding?(name: string): TcpWrap;
  };
  try {
    return binding?.("tcp_wrap") ?? {};
  } catch {
    return {};
  }
}

/** Closes a connection without FIN; returns whether the runtime did so. */
async function drop(conn: Deno.TcpConn): Promise<boolean> {
  let isBusy = false;
  try {
    const tls = await Deno.startTls(conn, {
      hostname: HOST,
      caCerts: [BAD_CERTIFICATE],
    });
    tls.close();
  } catch (error) {
    isBusy = error instanceof Deno.errors.Busy;
  }
  try {
    conn.close();
    return false;
  } catch {
    // The runtime has taken the connection. It ends with the operation under way, if any.
    return !isBusy;
  }
}
