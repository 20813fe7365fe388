/**
 * Performs the opening handshake with a handler.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import { acceptKey } from "../frame/codec/accept.ts";
import { switchingProtocols } from "../frame/response.ts";
import { admit, type Admitting } from "../listener/admission.ts";
import { PathPattern } from "../routing/path_pattern.ts";
import type {
  HandshakeExtras,
  ListenerName,
  WebSocketHandler,
} from "../websocket.ts";
import { FakeClient } from "./fake_client.ts";
import { REMOTE_ADDR } from "./fake_connection.ts";
import { FakeWire } from "./fake_wire.ts";

/**
 * Options of {@linkcode openHandler}.
 *
 * @example
 * ```ts
 * import { openHandler, type OpenOptions } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: OpenOptions = {
 *   url: "ws://localhost/rooms/red?since=5",
 *   path: "/rooms/:name",
 *   headers: { origin: "https://example.com" },
 * };
 * const client = await openHandler({ frame() {} }, options);
 * const { params, request } = client.connection;
 * assertEquals(params, { name: "red" });
 * assertEquals(request.url.searchParams.get("since"), "5");
 * ```
 */
export interface OpenOptions {
  /**
   * The URL that the client connects to; `ws:` and `wss:` stand for `http:` and `https:`.
   * @default "http://localhost/"
   */
  readonly url?: string | URL;
  /**
   * The listener whose rules apply.
   * @default "frame"
   */
  readonly listener?: ListenerName;
  /**
   * The route's path, which may be a pattern that the path of the URL matches.
   * @default the path of the URL
   */
  readonly path?: string;
  /** Header fields in addition to those of a correct handshake; they replace them. */
  readonly headers?: HeadersInit;
  /** Subprotocols that the client offers, in order of preference. */
  readonly subprotocols?: readonly string[];
  /**
   * Whether the client offers permessage-deflate.
   * @default false
   */
  readonly compression?: boolean;
  /**
   * Address of the transport's remote end.
   * @default 127.0.0.1:50000
   */
  readonly remoteAddr?: Deno.Addr;
}

/**
 * Thrown when a handshake is refused.
 *
 * @example
 * ```ts
 * import { HandshakeRefusedError, openHandler } from "@ws-echo/server/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const handler = {
 *   handshake: () => new Response("no token", { status: 401 }),
 *   frame() {},
 * };
 * const opening = () => openHandler(handler);
 * const error = await assertRejects(opening, HandshakeRefusedError);
 * assertEquals(error.response.status, 401);
 * ```
 */
export class HandshakeRefusedError extends Error {
  /** The class's name. */
  override readonly name = "HandshakeRefusedError";
  /** The server's response. */
  readonly response: Response;

  /**
   * Makes an error.
   *
   * @param response of the server
   */
  constructor(response: Response) {
    super(`the handshake was refused with ${response.status}`);
    this.response = response;
  }
}

/** A server without limits. */
const SERVER: Admitting = {
  allowedOrigins: undefined,
  draining: false,
  memory: { isFull: false },
  sessions: { reserve: () => true, release() {} },
  observer: { limited() {} },
};

/**
 * Opens a connection to a handler without a socket: performs the handshake as the
 * listeners do, calls `open`, and waits for its promise. A fake has no bytes: a `tap` is
 * not called, and {@linkcode openWire} opens a connection that is taken over.
 *
 * @example A handler of messages
 * ```ts
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const client = await openHandler({
 *   open: (connection) => connection.send("welcome"),
 *   frame: (connection, frame) => connection.send(frame.text().toUpperCase()),
 * });
 * await client.receive("hello");
 * await client.close(1000, "bye");
 * assertEquals(client.messages, ["welcome", "HELLO"]);
 * assertEquals(client.closed, { code: 1000, reason: "bye", wasClean: true });
 * ```
 *
 * @example A refusal
 * ```ts
 * import { HandshakeRefusedError, openHandler } from "@ws-echo/server/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const handler = {
 *   handshake: () => new Response("no token", { status: 401 }),
 *   frame() {},
 * };
 * const error = await assertRejects(
 *   () => openHandler(handler),
 *   HandshakeRefusedError,
 * );
 * assertEquals(await error.response.text(), "no token");
 * ```
 *
 * @param handler of the route
 * @param options of the client
 * @throws {HandshakeRefusedError} the handshake is refused, by its rules or the handler
 * @throws {TypeError} the handler has no `frame` method, or takes the connection over
 */
export async function openHandler<State = unknown>(
  handler: WebSocketHandler<State>,
  options: OpenOptions = {},
): Promise<FakeClient<State>> {
  const handshake = await performHandshake(handler, options);
  const { listener, url, headers, path, params, remoteAddr } = handshake;
  const { protocol, extras } = handshake;
  if (extras.takeOver !== undefined) {
    throw new TypeError("the handler takes the connection over: use openWire");
  }
  const chosen = extras.handler ?? handler;
  const client = new FakeClient(chosen, {
    listener,
    remoteAddr,
    url,
    headers,
    protocol,
    path,
    params,
    compression: options.compression === true &&
      chosen.compression !== false && extras.compression !== false,
    ...("state" in extras && { state: extras.state as State }),
  }, new Headers(extras.headers));
  await client.open();
  return client;
}

/**
 * Opens a connection that the handler takes over, without a socket: performs the handshake
 * as the frame listener does, and calls `takeOver`.
 *
 * @example A server that sends one byte and waits for the client's end
 * ```ts
 * import { openWire } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const fake = await openWire({
 *   handshake: () => ({
 *     async takeOver(wire) {
 *       await wire.write(wire.response);
 *       const bytes = await wire.read();
 *       if (bytes !== undefined) await wire.write(bytes);
 *     },
 *   }),
 *   frame() {},
 * });
 * fake.receive("x");
 * await fake.finished;
 * assertEquals(fake.writes.length, 2);
 * assertEquals(fake.end, "closed");
 * ```
 *
 * @param handler of the route
 * @param options of the client
 * @throws {HandshakeRefusedError} the handshake is refused, by its rules or the handler
 * @throws {TypeError} the handler does not take the connection over
 */
export async function openWire<State = unknown>(
  handler: WebSocketHandler<State>,
  options: OpenOptions = {},
): Promise<FakeWire> {
  const handshake = await performHandshake(handler, options);
  const { key, protocol, extras, remoteAddr, requestHead } = handshake;
  const { takeOver, tap, headers } = extras;
  if (takeOver === undefined) {
    throw new TypeError("the handler does not take the connection over");
  }
  const wire = new FakeWire({
    remoteAddr,
    requestHead: requestHead ?? "",
    response: switchingProtocols(acceptKey(key), protocol, "", headers),
    tap,
  });
  void wire.run(takeOver);
  return wire;
}

/** Performs the handshake as the listeners do. */
async function performHandshake<State>(
  handler: WebSocketHandler<State>,
  options: OpenOptions,
) {
  if (typeof handler?.frame !== "function") {
    throw wrongArgument("handler", "an object with frame()", handler);
  }
  const { listener = "frame", remoteAddr = REMOTE_ADDR } = options;
  const url = new URL(options.url ?? "http://localhost/");
  url.protocol = url.protocol.replace("ws", "http");
  url.hash = "";
  const headers = headersOf(url, options);
  const path = options.path ?? url.pathname;
  const params = new PathPattern(path).match(url.pathname) ?? {};
  const requestHead = listener === "frame" ? headOf(url, headers) : undefined;
  const admission = await admit(SERVER, handler as WebSocketHandler, {
    request: new Request(url, { headers }),
    head: { method: "GET", headers, httpVersion: "1.1" },
    hasQuery: url.href.includes("?"),
    target: url.href,
    remoteAddr,
    listener,
    params,
    requestHead,
  });
  if (!admission.accepted) {
    throw new HandshakeRefusedError(await admission.response);
  }
  const { key, protocol } = admission;
  const extras = admission.extras as HandshakeExtras<State>;
  const client = { listener, remoteAddr, url, headers, requestHead };
  return { ...client, path, params, key, protocol, extras };
}

/** The request head that a client of the frame listener would send. */
function headOf({ pathname, search }: URL, headers: Headers): string {
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** The sample key of RFC 6455 §1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

function headersOf(
  { host }: URL,
  { headers, subprotocols = [], compression = false }: OpenOptions,
): Headers {
  const all = new Headers({
    "host": host,
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": KEY,
    "sec-websocket-version": "13",
  });
  if (subprotocols.length > 0) {
    all.set("sec-websocket-protocol", subprotocols.join(", "));
  }
  if (compression) all.set("sec-websocket-extensions", "permessage-deflate");
  for (const [name, value] of new Headers(headers)) all.set(name, value);
  return all;
}
