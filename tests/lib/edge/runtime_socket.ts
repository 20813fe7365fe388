/**
 * Sockets of the runtime, for tests of the code that uses their symbols.
 *
 * @module
 */

import { symbolOf } from "../../../lib/runtime/internals.ts";

/**
 * Looks up a symbol that the service relies on.
 *
 * @param object has a property under the symbol
 * @param description of the symbol
 * @throws {Error} the runtime has no such symbol any more
 */
export function symbol(object: object, description: string): symbol {
  const found = symbolOf(object, description);
  if (found === undefined) throw new Error(`${description} is not there`);
  return found;
}

/**
 * Starts a bare server of sockets.
 *
 * @param opened called with each socket when it has opened
 * @param idleTimeout seconds of silence until a client is dropped; 0: never
 */
export function serveSockets(
  opened: (socket: WebSocket) => void,
  idleTimeout = 0,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, {
        idleTimeout,
      });
      socket.onopen = () => opened(socket);
      return response;
    },
  );
}

/**
 * Runs a function with an open socket of a server.
 *
 * @param use the socket is closed when it returns
 */
export async function withSocket(
  use: (socket: WebSocket) => void | Promise<void>,
): Promise<void> {
  const opened = Promise.withResolvers<WebSocket>();
  await using server = serveSockets(opened.resolve);
  const client = new WebSocket(`ws://127.0.0.1:${server.addr.port}`);
  const closed = new Promise((resolve) => client.onclose = resolve);
  try {
    await use(await opened.promise);
  } finally {
    client.close();
    await closed;
  }
}
