/**
 * Promise-based WebSocket clients that queue every event: on the `ws` package and
 * on Deno's own `WebSocket`.
 *
 * @module
 */

import type { ClientOptions, WebSocket as WsWebSocket } from "ws";
import { Inbox } from "./inbox.ts";
import { within } from "./within.ts";

/** A text or a binary message. */
export type Message = string | Uint8Array;

/** The end of a connection. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A connected client. */
export interface TestClient extends AsyncDisposable {
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<Closed>;
  /** The next message, in order. */
  next(): Promise<Message>;
  /** Sends a message. */
  send(message: Message): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** A client on the `ws` package, which sees control frames. */
export interface WsClient extends TestClient {
  /** The client of the `ws` package. */
  readonly socket: WsWebSocket;
  /** The payload of the next PING. */
  ping(): Promise<string>;
  /** The payload of the next PONG. */
  pong(): Promise<string>;
}

/** Options of a connection. */
export interface ConnectOptions {
  /** Subprotocols to offer. */
  readonly protocols?: string[];
  /** Root certificates to trust, in PEM. */
  readonly caCerts?: string[];
  /** Options of the `ws` client. */
  readonly options?: ClientOptions;
}

/** A client factory: {@linkcode connect} or {@linkcode connectDeno}. */
export type Connect = (
  url: string,
  options?: ConnectOptions,
) => Promise<TestClient>;

/** The clients that every listener is tested with. */
export const CLIENTS: Readonly<Record<string, Connect>> = {
  "the ws package": connect,
  "Deno's WebSocket": connectDeno,
};

/**
 * Connects with the `ws` package.
 *
 * @param url of the route
 * @param options subprotocols, root certificates and options of the client
 */
export async function connect(
  url: string,
  { protocols = [], caCerts = [], options = {} }: ConnectOptions = {},
): Promise<WsClient> {
  // ws reads the environment when it is loaded.
  const { WebSocket }: typeof import("ws-types") = await import("ws");
  const socket = new WebSocket(url, protocols, {
    perMessageDeflate: false,
    ...(caCerts.length > 0 && { ca: caCerts }),
    ...options,
  });
  const messages = new Inbox<Message>("a message");
  const pings = new Inbox<string>("a PING");
  const pongs = new Inbox<string>("a PONG");
  const opened = Promise.withResolvers<void>();
  const { promise: closed, resolve } = Promise.withResolvers<Closed>();
  socket.on("open", opened.resolve);
  socket.on("error", opened.reject);
  socket.on("message", (data, isBinary) =>
    messages.push(
      isBinary ? new Uint8Array(data as Uint8Array) : String(data),
    ));
  socket.on("ping", (data) => pings.push(String(data)));
  socket.on("pong", (data) => pongs.push(String(data)));
  socket.on("close", (code, reason) => {
    const event = { code, reason: String(reason) };
    for (const inbox of [messages, pings, pongs]) inbox.end(event);
    resolve(event);
  });
  await within(opened.promise, `a connection to ${url}`);
  return {
    socket,
    protocol: socket.protocol,
    get closed() {
      return within(closed, "the close");
    },
    next: () => messages.next(),
    ping: () => pings.next(),
    pong: () => pongs.next(),
    send: (message) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}

/**
 * Connects with Deno's own `WebSocket`.
 *
 * @param url of the route
 * @param options subprotocols and root certificates
 */
export async function connectDeno(
  url: string,
  { protocols = [], caCerts = [] }: ConnectOptions = {},
): Promise<TestClient> {
  using client = Deno.createHttpClient({ caCerts });
  const socket = new WebSocket(url, { protocols, client });
  socket.binaryType = "arraybuffer";
  const messages = new Inbox<Message>("a message");
  const opened = Promise.withResolvers<void>();
  const { promise: closed, resolve } = Promise.withResolvers<Closed>();
  socket.onopen = () => opened.resolve();
  socket.onerror = (event) =>
    opened.reject(new Error((event as ErrorEvent).message));
  socket.onmessage = ({ data }) =>
    messages.push(typeof data === "string" ? data : new Uint8Array(data));
  socket.onclose = ({ code, reason }) => {
    messages.end({ code, reason });
    resolve({ code, reason });
  };
  await within(opened.promise, `a connection to ${url}`);
  return {
    protocol: socket.protocol,
    get closed() {
      return within(closed, "the close");
    },
    next: () => messages.next(),
    send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
    close: (code, reason) => socket.close(code, reason),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}
