/**
 * Plays the opening handshake to a handler.
 *
 * @module
 */

import { admit, type Admitting } from "../listener/admission.ts";
import { PathPattern } from "../routing/path_pattern.ts";
import type {
  HandshakeExtras,
  ListenerName,
  WebSocketHandler,
} from "../websocket.ts";
import { FakeClient } from "./fake_client.ts";
import { REMOTE_ADDR } from "./fake_connection.ts";

/** Options of {@linkcode openHandler}. */
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

/** Thrown when a handshake is refused. */
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
 * listeners do, calls `open`, and waits for its promise.
 *
 * @example A handler of messages
 * ```ts
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const fake = await openHandler({
 *   open: (connection) => connection.send("welcome"),
 *   frame: (connection, frame) => connection.send(frame.text().toUpperCase()),
 * });
 * await fake.receive("hello");
 * await fake.close(1000, "bye");
 * assertEquals(fake.messages, ["welcome", "HELLO"]);
 * assertEquals(fake.closed, { code: 1000, reason: "bye", wasClean: true });
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
 */
export async function openHandler<State = unknown>(
  handler: WebSocketHandler<State>,
  options: OpenOptions = {},
): Promise<FakeClient<State>> {
  const { listener = "frame", remoteAddr = REMOTE_ADDR } = options;
  const url = new URL(options.url ?? "http://localhost/");
  url.protocol = url.protocol.replace("ws", "http");
  url.hash = "";
  const headers = headersOf(url, options);
  const path = options.path ?? url.pathname;
  const params = new PathPattern(path).match(url.pathname) ?? {};
  const admission = await admit(SERVER, handler as WebSocketHandler, {
    request: new Request(url, { headers }),
    head: { method: "GET", headers, httpVersion: "1.1" },
    hasQuery: url.href.includes("?"),
    target: url.href,
    remoteAddr,
    listener,
    params,
  });
  if (!admission.accepted) {
    throw new HandshakeRefusedError(await admission.response);
  }
  const { protocol } = admission;
  const extras = admission.extras as HandshakeExtras<State>;
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
