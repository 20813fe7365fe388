/**
 * A server that accepts one handshake, and then sends any bytes.
 *
 * @module
 */

import { acceptKey } from "../../../lib/frame/codec/accept.ts";

/** A server for one connection; disposal waits for its end. */
export interface RawServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
}

/**
 * Reads the head of a request.
 *
 * @param conn sends one request, and nothing after it
 */
export async function readHead(conn: Deno.Conn): Promise<string> {
  let head = "";
  const buffer = new Uint8Array(4096);
  while (!head.endsWith("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) return head;
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return head;
}

/**
 * Writes the 101 response to a request.
 *
 * @param head of the request
 */
export function accept(head: string): string {
  const key = /Sec-WebSocket-Key: (\S+)/.exec(head)![1]!;
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`;
}

/**
 * Accepts one handshake.
 *
 * @param serve is called with the connection after the handshake, which ends after it
 */
export function rawServer(
  serve: (conn: Deno.TcpConn) => Promise<void>,
): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    using conn = await listener.accept();
    await conn.write(new TextEncoder().encode(accept(await readHead(conn))));
    await serve(conn);
  })();
  return {
    url: `ws://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      await served;
      listener.close();
    },
  };
}
