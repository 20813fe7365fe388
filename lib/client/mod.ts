/**
 * A WebSocket client for tests of servers. It exposes the handshake as bytes, every
 * frame and the end of TCP, and can violate every rule of RFC 6455.
 *
 * @example A message and its echo
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({
 *   routes: { "/echo": { frame: (connection, frame) => connection.send(frame) } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * await using client = await connect(`${server.urls.frame}/echo`);
 * await client.send("text", "Hel", { final: false });
 * await client.send("continuation", "lo");
 * assertEquals((await client.nextMessage()).text(), "Hello");
 * await client.close(1000);
 * ```
 *
 * @module
 */

import { ClientConnection } from "./connection.ts";
import type { ClientOptions } from "./opening.ts";

export { ClientConnection, type ReadOptions } from "./connection.ts";
export type { ClientOptions } from "./opening.ts";
export { DialError, type DialFailure, type DialOptions } from "./dial.ts";
export type { Phase } from "./dial.ts";
export {
  EndedError,
  type Ending,
  NoResponseError,
  NotResettableError,
  RefusedError,
  TimeoutError,
} from "./errors.ts";
export {
  type FaultCode,
  ProtocolError,
  type Sender,
} from "./protocol_error.ts";
export {
  closePayload,
  encodeFrame,
  type FrameOptions,
  type Payload,
} from "./frame.ts";
export {
  FrameReader,
  type FrameReaderOptions,
  type ServerFrame,
} from "./frame_reader.ts";
export {
  field,
  type Handshake,
  type HandshakeFault,
  type HandshakeRequest,
  type ResponseHead,
} from "./handshake.ts";
export {
  type CloseMessage,
  type MessageOpcode,
  readClose,
  ServerMessage,
} from "./message_reader.ts";

/** Milliseconds that the opening, and then each read, may take by default. */
const TIMEOUT = 10_000;

/**
 * Connects and performs the opening handshake.
 *
 * The defaults are those of a test: `timeout` is 10 seconds, and a `ws:` connection can
 * be reset.
 *
 * @example A connection that ends with RST
 * ```ts
 * import { type CloseEventInfo, serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const ended = Promise.withResolvers<CloseEventInfo>();
 * await using server = await serve({
 *   routes: { "/ws": { frame() {}, close: (_, event) => ended.resolve(event) } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const client = await connect(`${server.urls.frame}/ws`);
 * await client.reset();
 * assertEquals((await ended.promise).code, 1006);
 * ```
 *
 * @param url the server's address: `ws:` or `wss:`
 * @param options of the connection
 * @throws {DialError} TCP or TLS cannot be connected
 * @throws {NoResponseError} no HTTP response arrives
 * @throws {TimeoutError} no response arrives in time
 * @throws {RefusedError} the response is not a valid 101
 * @throws the signal's reason when it is aborted
 */
export function connect(
  url: string | URL,
  options: ClientOptions = {},
): Promise<ClientConnection> {
  return ClientConnection.open(url, withDefaults(options));
}

/**
 * Connects and performs the opening handshake, like {@linkcode connect}. The response may
 * refuse it: `handshake.response` has the status, `faults` the rules that it violates,
 * and `body()` reads its body.
 *
 * @example A refusal
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connectUnchecked } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const handshake = () => new Response("not today", { status: 503 });
 * await using server = await serve({
 *   routes: { "/ws": { handshake, frame() {} } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * await using client = await connectUnchecked(`${server.urls.frame}/ws`);
 * assertEquals(client.handshake.response.status, 503);
 * assertEquals(new TextDecoder().decode(await client.body()), "not today");
 * ```
 *
 * @param url the server's address: `ws:` or `wss:`
 * @param options of the connection
 * @throws {DialError} TCP or TLS cannot be connected
 * @throws {NoResponseError} no HTTP response arrives
 * @throws {TimeoutError} no response arrives in time
 * @throws the signal's reason when it is aborted
 */
export function connectUnchecked(
  url: string | URL,
  options: ClientOptions = {},
): Promise<ClientConnection> {
  return ClientConnection.openUnchecked(url, withDefaults(options));
}

function withDefaults(options: ClientOptions): ClientOptions {
  return { timeout: TIMEOUT, resettable: true, ...options };
}
