/**
 * A client for servers in the process of the test.
 *
 * @module
 */

import { within } from "../../integration/support/within.ts";

/** A connection; disposal closes it. */
export interface Client extends AsyncDisposable {
  /** Sends a message. */
  send(data: string): void;
  /** Waits for the next message. */
  receive(): Promise<string>;
  /** The code of the end. */
  readonly closed: Promise<number>;
}

/**
 * Connects a client.
 *
 * @param url of a route
 */
export async function connectTo(url: string): Promise<Client> {
  const socket = new WebSocket(url);
  const messages: string[] = [];
  let arrived = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => {
    messages.push(data);
    arrived.resolve();
  });
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener("close", ({ code }) => resolve(code));
  });
  await within(
    new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error("refused")));
    }),
    "the handshake",
  );
  return {
    send: (data) => socket.send(data),
    async receive() {
      while (messages.length === 0) {
        await within(arrived.promise, "a message");
        arrived = Promise.withResolvers();
      }
      return messages.shift()!;
    },
    closed,
    async [Symbol.asyncDispose]() {
      socket.close();
      await within(closed, "the close");
    },
  };
}
