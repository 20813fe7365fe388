/**
 * The runtime's own sockets, for tests of what is done with their insides.
 *
 * @module
 */

import { symbolOf } from "../../../lib/runtime/internals.ts";

/**
 * Looks up what the service relies on.
 *
 * @param object has it
 * @param description of its symbol
 * @throws the runtime has changed, and the service does without what it gave
 */
export function symbol(object: object, description: string): symbol {
  const found = symbolOf(object, description);
  if (found === undefined) throw new Error(`${description} is not there`);
  return found;
}

/**
 * Starts a bare server of sockets without a time limit.
 *
 * @param opened called with each as soon as it is open
 */
export function serveSockets(
  opened: (socket: WebSocket) => void,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, {
        idleTimeout: 0,
      });
      socket.onopen = () => opened(socket);
      return response;
    },
  );
}

/**
 * Uses an open socket of a server's.
 *
 * @param use the socket is closed behind it
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
