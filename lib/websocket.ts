/**
 * The contract between a WebSocket handler and the listeners.
 *
 * A handler is an object with a `frame` method and the options of
 * {@linkcode WebSocketHandler}. It gets frames and a {@linkcode Connection}. The same
 * handler runs on both listeners; {@linkcode Capabilities} tells them apart. The API
 * corresponds to the WebSocket API of ESP-IDF's HTTP server.
 *
 * @module
 */

import type { Wire, WireTap } from "./wire.ts";

export type { Wire, WireClosing, WireTap } from "./wire.ts";

/**
 * A frame's opcode by name (RFC 6455 §5.2).
 *
 * @example
 * ```ts
 * import type { Opcode } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const opcodes: Opcode[] = [];
 * const client = await openHandler({
 *   receive: "frame",
 *   frame: (_connection, { opcode }) => void opcodes.push(opcode),
 * });
 * await client.receive("Hel", { final: false });
 * await client.receive("lo", { opcode: "continuation" });
 * assertEquals(opcodes, ["text", "continuation"]);
 * ```
 */
export type Opcode =
  | "continuation"
  | "text"
  | "binary"
  | "close"
  | "ping"
  | "pong";

/**
 * The number of each opcode on the wire (RFC 6455 §5.2).
 *
 * @example
 * ```ts
 * import type { Opcode } from "@ws-echo/server";
 * import { OPCODE_NUMBER } from "@ws-echo/server/websocket";
 * import { assert } from "@std/assert";
 *
 * const isControl = (opcode: Opcode) => OPCODE_NUMBER[opcode] >= 8;
 * assert(isControl("ping"));
 * assert(!isControl("binary"));
 * ```
 */
export const OPCODE_NUMBER: Readonly<Record<Opcode, number>> = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
};

/**
 * A received message, frame or part of a frame; {@linkcode WebSocketHandler.receive}
 * selects which.
 *
 * A frame is valid until the handler returns or, if the handler returns a promise,
 * until the promise settles. After that its memory is reused or freed.
 *
 * @example
 * ```ts
 * import type { Frame } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const kept: Uint8Array[] = [];
 * const keep = ({ payload }: Frame) => void kept.push(payload.slice());
 * const client = await openHandler({ frame: (_connection, frame) => keep(frame) });
 * await client.receive(new Uint8Array([1, 2, 3]));
 * assertEquals(kept, [new Uint8Array([1, 2, 3])]);
 * ```
 */
export interface Frame {
  /** The opcode; `continuation` only if `receive` is `"frame"` or `"part"`. */
  readonly opcode: Opcode;
  /**
   * Whether this ends a message. With `receive: "message"` always true; with `"frame"`
   * the FIN bit; with `"part"` true for the last part of a frame with FIN.
   */
  readonly final: boolean;
  /** The unmasked payload; copy it to keep it. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Length of the frame's payload in bytes; of the whole frame, also in its first part. */
  readonly length: number;
  /**
   * Bytes of the frame's payload in earlier parts; 0 in the first part, and unless
   * `receive` is `"part"`. `offset`, the part and `left` add up to `length`.
   */
  readonly offset: number;
  /** Bytes of the frame's payload in later parts; 0 unless `receive` is `"part"`. */
  readonly left: number;
  /**
   * Decodes the payload as UTF-8. The text of a whole text message is valid; elsewhere an
   * invalid sequence is decoded as U+FFFD.
   */
  text(): string;
  /**
   * Compares the start of the payload, without decoding the rest.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean;
}

/**
 * Options of {@linkcode Connection.send}.
 *
 * @example
 * ```ts
 * import type { SendOptions } from "@ws-echo/server";
 * import { openHandler, sent } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: SendOptions = { opcode: "text", fragmentSize: 2 };
 * const client = await openHandler({
 *   frame: (connection, frame) => connection.send(frame.payload, options),
 * });
 * await client.receive("abc");
 * assertEquals(client.sent, [sent("text", "ab", false), sent("continuation", "c")]);
 * ```
 */
export interface SendOptions {
  /**
   * The opcode.
   * @default `text` for a string, `binary` for bytes
   */
  readonly opcode?: Opcode;
  /**
   * The FIN bit. False sends a fragment; send the following fragments with opcode
   * `continuation` (RFC 6455 §5.4).
   * @default true
   */
  readonly final?: boolean;
  /**
   * Bytes of a fragment; 0 is one frame. A longer payload is sent in fragments of this size;
   * `final` is the FIN bit of the last one. The fragments are made as fast as the client
   * reads. A listener without fragments sends one message.
   * @default one frame
   */
  readonly fragmentSize?: number;
}

/**
 * Features of a connection that depend on its listener.
 *
 * @example
 * ```ts
 * import type { Capabilities, WebSocketHandler } from "@ws-echo/server";
 * import { openHandler, sent } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const canPing = ({ controlFrames }: Capabilities) => controlFrames;
 * const handler: WebSocketHandler = {
 *   open(connection) {
 *     if (canPing(connection.capabilities)) connection.ping();
 *     else connection.send("are you there?");
 *   },
 *   frame() {},
 * };
 * assertEquals((await openHandler(handler)).sent, [sent("ping")]);
 * const onEdge = await openHandler(handler, { listener: "edge" });
 * assertEquals(onEdge.messages, ["are you there?"]);
 * ```
 */
export interface Capabilities {
  /** Handlers receive PING and PONG, and can send them. */
  readonly controlFrames: boolean;
  /** Handlers receive fragments, and can send them. */
  readonly fragments: boolean;
  /** Handlers can pause reading, and abort the connection. */
  readonly transport: boolean;
  /** permessage-deflate (RFC 7692) is negotiated. */
  readonly compression: boolean;
}

/**
 * Counts of a connection: data messages, and payload bytes before compression. Control
 * frames do not count.
 *
 * @example
 * ```ts
 * import type { Traffic } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const average = ({ bytesReceived, messagesReceived }: Traffic) =>
 *   bytesReceived / messagesReceived;
 * const client = await openHandler({
 *   frame: (connection) => connection.send(`${average(connection.traffic)}`),
 * });
 * await client.receive("ab");
 * await client.receive("abcd");
 * assertEquals(client.messages, ["2", "3"]);
 * ```
 */
export interface Traffic {
  /** Complete messages received. */
  readonly messagesReceived: number;
  /** Payload bytes received. */
  readonly bytesReceived: number;
  /** Complete messages sent. */
  readonly messagesSent: number;
  /** Payload bytes sent. */
  readonly bytesSent: number;
}

/**
 * Name of a listener: `edge` is `Deno.serve` with `Deno.upgradeWebSocket`, `frame` the
 * RFC 6455 engine of this library.
 *
 * @example
 * ```ts
 * import { type ListenerName, serve } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const listeners: ListenerName[] = ["edge", "frame"];
 * const open = { "/ws": { frame() {} } };
 * await using server = await serve({ routes: open, host: "127.0.0.1", port: 0 });
 * for (const listener of listeners) {
 *   await using client = await connect(`${server.urls[listener]}/ws`);
 *   assertEquals(client.handshake.response.status, 101);
 * }
 * ```
 */
export type ListenerName = "edge" | "frame";

/**
 * Values of a path pattern's parameters by their names; `*` is the rest of the path. For
 * `/rooms/:name` and the path `/rooms/a%20b`, `name` is `a b`.
 *
 * @example
 * ```ts
 * import type { PathParams } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const greet = ({ name }: PathParams) => `hello ${name}`;
 * const client = await openHandler({
 *   open: (connection) => connection.send(greet(connection.params)),
 *   frame() {},
 * }, { path: "/rooms/:name", url: "ws://localhost/rooms/a%20b" });
 * assertEquals(client.messages, ["hello a b"]);
 * ```
 */
export type PathParams = Readonly<Record<string, string>>;

/**
 * A WebSocket connection to one client, from the end of the handshake.
 *
 * @example
 * ```ts
 * import type { Connection } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const members = new Set<Connection>();
 * const client = await openHandler({
 *   open: (connection) => void members.add(connection),
 *   frame(_connection, frame) {
 *     for (const member of members) member.send(frame);
 *   },
 *   close: (connection) => void members.delete(connection),
 * });
 * await client.receive("hello");
 * await client.close(1000);
 * assertEquals([client.messages, members.size], [["hello"], 0]);
 * ```
 */
export interface Connection<State = unknown> {
  /** Id of the session, unique among all running instances. */
  readonly id: string;
  /** The listener that accepted the connection. */
  readonly listener: ListenerName;
  /** The route's path in the router map; a pattern as it was registered. */
  readonly path: string;
  /** Parameters of the route's pattern; empty for a path without a pattern. */
  readonly params: PathParams;
  /** Time of the handshake's end, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** Current counts of messages and bytes. */
  readonly traffic: Traffic;
  /**
   * Number of the last activity of the client. It is a count, not a time: of two
   * connections, the one with the lower number was active less recently.
   */
  readonly lastActivity: number;
  /** URL and header fields of the handshake request. */
  readonly request: { readonly url: URL; readonly headers: Headers };
  /** Address of the transport's remote end; behind a proxy, the proxy's. */
  readonly remoteAddr: Deno.Addr;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** Features of this connection. */
  readonly capabilities: Capabilities;
  /** Bytes passed to `send` that the operating system has not taken yet. */
  readonly bufferedAmount: number;
  /**
   * Whether the connection can send. False once CLOSE is sent or the transport has
   * ended. A handler with `controlFrames: true` may still send after the client's CLOSE,
   * before its own.
   */
  readonly isOpen: boolean;
  /** Data of the handler for this connection; set by `handshake` or `open`. */
  state: State;

  /**
   * Sends a message, a frame or a fragment; a received {@linkcode Frame} is sent with its
   * own opcode and FIN. The first part of a frame is sent with the frame's opcode, later
   * parts as continuations.
   *
   * The call does nothing if the connection is not open. If more than the send buffer
   * limit waits for the client, the connection is closed with 1008 instead.
   *
   * @param data the payload; a string is sent as UTF-8
   * @param options opcode, FIN and fragment size
   * @throws {FragmentOrderError} a continuation outside a fragmented message, or another
   * data frame inside one; nothing is sent
   * @throws {InvalidPayloadError} a control frame that is fragmented or over 125 bytes,
   * or text bytes that are not UTF-8; nothing is sent
   * @throws {NotSupportedError} PING or PONG on the edge listener
   * @throws {TypeError} an argument of another type, or an unknown opcode; nothing is sent
   * @throws {RangeError} a fragment size that is negative or no integer; nothing is sent
   */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void;

  /**
   * Waits until all that was sent before the call is handed to the operating system, so
   * that a handler can send more than the send buffer limit to a client that reads. On
   * the edge listener, the fragments of an unfinished message are not waited for, and
   * the promise resolves up to 32 ms late.
   *
   * @example Sends 4 MiB while at most 64 KiB wait.
   * ```ts
   * import type { WebSocketHandler } from "@ws-echo/server";
   * import { openHandler } from "@ws-echo/server/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const download: WebSocketHandler = {
   *   async frame(connection) {
   *     for (let i = 0; i < 64; i++) {
   *       connection.send(new Uint8Array(65536));
   *       await connection.flushed();
   *     }
   *   },
   * };
   * const client = await openHandler(download);
   * await client.receive("start");
   * assertEquals(client.messages.length, 64);
   * ```
   *
   * @returns rejects with {@linkcode ConnectionClosedError} if the connection is not open
   * at the call, or ends before. A handler may let this error pass: it is not logged. A
   * promise that is not awaited may reject without effect.
   */
  flushed(): Promise<void>;

  /**
   * Sends a PING (RFC 6455 §5.5.2).
   *
   * @param payload at most 125 bytes
   * @throws {NotSupportedError} on the edge listener
   * @throws {InvalidPayloadError} over 125 bytes
   */
  ping(payload?: Uint8Array): void;

  /**
   * Starts the closing handshake, or answers the client's CLOSE (RFC 6455 §7). Further
   * calls do nothing.
   *
   * @param code 1000, another code of RFC 6455 §7.4.1 that may be sent, or 3000 to
   * 4999; without a code the CLOSE frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws {InvalidPayloadError} a code that may not be sent, or a longer reason
   * @throws {TypeError} a code that is no number, or a reason that is no string
   */
  close(code?: number, reason?: string): void;

  /**
   * Ends the TCP connection without CLOSE, after all data that was sent before. The client
   * sees FIN, or a reset if it sent data that was not read. If the client does not read,
   * the connection is aborted after the close timeout.
   *
   * @throws {NotSupportedError} on the edge listener
   */
  abort(): void;

  /**
   * Pauses reading after the current frame, so that TCP flow control stops the client. A
   * paused connection counts as silent: the idle timeout continues. A close ends the pause.
   *
   * @throws {NotSupportedError} on the edge listener
   */
  pauseReading(): void;

  /**
   * Resumes reading; frames are delivered after the current event.
   *
   * @throws {NotSupportedError} on the edge listener
   */
  resumeReading(): void;

  /**
   * Runs work on the server's work queue, after the current event and in the order of the
   * calls.
   *
   * @param work an error or a rejection is logged and has no other effect
   * @throws {WorkQueueFullError} the queue holds its limit
   * @throws {TypeError} the work is no function
   */
  queueWork(work: () => void | Promise<void>): void;

  /**
   * Charges memory that the handler holds for this connection, such as a queue of its
   * own, to the server's `memoryLimit`. The end of the connection gives all of it back.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   * @throws {RangeError} not a finite number
   */
  charge(bytes: number): void;
}

/**
 * Data of a handshake in addition to the request.
 *
 * @example
 * ```ts
 * import type { HandshakeInfo } from "@ws-echo/server";
 * import { HandshakeRefusedError, openHandler } from "@ws-echo/server/testing";
 * import { assertRejects } from "@std/assert";
 *
 * const check = (_request: Request, { listener }: HandshakeInfo) =>
 *   listener === "edge" ? new Response("use the other port", { status: 403 }) : undefined;
 * const handler = { handshake: check, frame() {} };
 * await openHandler(handler, { listener: "frame" });
 * await assertRejects(
 *   () => openHandler(handler, { listener: "edge" }),
 *   HandshakeRefusedError,
 *   "403",
 * );
 * ```
 */
export interface HandshakeInfo {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** Parameters of the route's pattern; empty for a path without a pattern. */
  readonly params: PathParams;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /**
   * The request head as received, in Latin-1, up to and with the empty line. On the edge
   * listener `undefined`: the runtime does not show it.
   */
  readonly requestHead: string | undefined;
}

/**
 * Additions of `handshake` to the 101 response and to the connection.
 *
 * @example
 * ```ts
 * import type { HandshakeExtras } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const extras: HandshakeExtras<string> = {
 *   headers: { "x-room": "red" },
 *   state: "red",
 * };
 * const client = await openHandler<string>({
 *   handshake: () => extras,
 *   open: (connection) => connection.send(connection.state),
 *   frame() {},
 * });
 * assertEquals(client.messages, ["red"]);
 * assertEquals(client.responseHeaders.get("x-room"), "red");
 * ```
 */
export interface HandshakeExtras<State = unknown> {
  /** Header fields of the 101 response. */
  readonly headers?: HeadersInit;
  /** Initial {@linkcode Connection.state}. */
  readonly state?: State;
  /**
   * The subprotocol of the response, even if the client did not offer it; `""` for none.
   * @default the negotiated one
   */
  readonly protocol?: string;
  /**
   * False: permessage-deflate is not negotiated.
   * @default true
   */
  readonly compression?: boolean;
  /**
   * Another handler for the connection. Its options apply except `subprotocols`; its
   * `handshake` is not called.
   * @default the route's handler
   */
  readonly handler?: WebSocketHandler<State>;
  /**
   * Gets the connection's bytes in both directions. The frame listener only: on the edge
   * listener the handshake is refused with 500, so check {@linkcode HandshakeInfo.listener}.
   */
  readonly tap?: WireTap;
  /**
   * Takes the connection over. No method of a handler is called. When the promise settles,
   * the connection is closed as by {@linkcode Wire.close}; a rejection is logged. The
   * frame listener only: on the edge listener the handshake is refused with 500, so check
   * {@linkcode HandshakeInfo.listener}.
   */
  readonly takeOver?: (wire: Wire) => Promise<void>;
}

/**
 * Result of `handshake`: a `Response` refuses, `undefined` or an object accepts. Any other
 * value, such as `false`, refuses with 500 and is logged.
 *
 * @example
 * ```ts
 * import type { HandshakeResult } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const login = ({ headers }: Request): HandshakeResult<string> => {
 *   const user = headers.get("x-user");
 *   return user === null
 *     ? new Response("who?", { status: 401 })
 *     : { state: user };
 * };
 * const handler = { handshake: login, frame() {} };
 * const client = await openHandler(handler, { headers: { "x-user": "ada" } });
 * assertEquals(client.connection.state, "ada");
 * ```
 */
export type HandshakeResult<State = unknown> =
  | void
  | Response
  | HandshakeExtras<State>;

/**
 * The end of a connection.
 *
 * @example
 * ```ts
 * import type { CloseEventInfo, WebSocketHandler } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const ends: CloseEventInfo[] = [];
 * const handler: WebSocketHandler = {
 *   frame() {},
 *   close: (_connection, event) => void ends.push(event),
 * };
 * await (await openHandler(handler)).close(1000, "bye");
 * await (await openHandler(handler)).disconnect();
 * assertEquals(ends, [
 *   { code: 1000, reason: "bye", wasClean: true },
 *   { code: 1006, reason: "", wasClean: false },
 * ]);
 * ```
 */
export interface CloseEventInfo {
  /**
   * The client's close code; 1005 if its CLOSE had none, 1006 if the connection ended
   * without CLOSE (RFC 6455 §7.1.5).
   */
  readonly code: number;
  /** The client's close reason, or `""`. */
  readonly reason: string;
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
}

/**
 * A WebSocket route: options, and methods that the server calls.
 *
 * Frames are delivered one at a time: while a promise of `open` or `frame` is pending,
 * the next frame waits. Only `close` is called without waiting.
 *
 * @example
 * ```ts
 * import type { WebSocketHandler } from "@ws-echo/server";
 * import { openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const counter: WebSocketHandler<{ count: number }> = {
 *   subprotocols: ["count"],
 *   maxPayload: 4096,
 *   handshake: () => ({ state: { count: 0 } }),
 *   frame: (connection) => connection.send(`${++connection.state.count}`),
 * };
 * const client = await openHandler(counter, { subprotocols: ["count"] });
 * await client.receive("a");
 * await client.receive("b");
 * assertEquals(client.messages, ["1", "2"]);
 * ```
 */
export interface WebSocketHandler<State = unknown> {
  /**
   * Subprotocols of the route, in the server's order of preference (RFC 6455 §1.9). A
   * client that offers none of them connects without a subprotocol.
   * @default none
   */
  readonly subprotocols?: readonly string[];
  /**
   * Whether `frame` receives PING, PONG and CLOSE, if the listener has them. `true`: it
   * does, and has to answer them. `"observe"`: it does, after the server has answered
   * them. `false`: it does not; the server answers them.
   *
   * When a CLOSE is observed, the connection is not open any more. The edge listener
   * delivers only CLOSE, and always after the answer.
   *
   * @example Measures the time until a client answers a PING.
   * ```ts
   * import type { WebSocketHandler } from "@ws-echo/server";
   * import { openHandler } from "@ws-echo/server/testing";
   * import { assertMatch } from "@std/assert";
   *
   * const pulse: WebSocketHandler<{ sentAt: number }> = {
   *   controlFrames: "observe",
   *   open(connection) {
   *     connection.state = { sentAt: performance.now() };
   *     connection.ping();
   *   },
   *   frame(connection, frame) {
   *     if (frame.opcode !== "pong") return;
   *     connection.send(`${performance.now() - connection.state.sentAt} ms`);
   *   },
   * };
   * const client = await openHandler(pulse);
   * await client.pong();
   * assertMatch(String(client.messages[0]), / ms$/);
   * ```
   * @default false
   */
  readonly controlFrames?: boolean | "observe";
  /**
   * The unit of delivery. `message`: fragments are assembled. `frame`: each frame as
   * received. `part`: parts of a frame's payload as they arrive; the frame is never held
   * in memory whole. {@linkcode Frame.offset} is the place of a part. The length of a
   * compressed frame is unknown in advance, so each of its parts is delivered as a frame
   * of its own.
   *
   * A listener without fragments delivers whole messages for `frame` and `part`; with
   * `part`, {@linkcode WebSocketHandler.maxPart} splits them.
   * @default "message"
   */
  readonly receive?: "message" | "frame" | "part";
  /**
   * Maximum bytes of a part, with `receive: "part"`. Every part of a frame except the
   * last has this size. In a compressed frame, this holds for the parts of each inflated
   * chunk.
   * @default parts as they arrive
   */
  readonly maxPart?: number;
  /**
   * Maximum bytes of a message after inflating; with `receive: "frame"`, of a frame. A
   * longer one closes the connection with 1009. Does not apply to parts.
   * @default `maxPayload` of the server
   */
  readonly maxPayload?: number;
  /**
   * Whether permessage-deflate (RFC 7692) may be negotiated, if the listener and the
   * service support it. Handlers receive and send uncompressed payloads.
   * @default true
   */
  readonly compression?: boolean;
  /**
   * Minimum bytes of a message to compress it. For a message in fragments, the size of
   * the first fragment counts.
   * @default 1024
   */
  readonly compressionThreshold?: number;
  /**
   * The requests for which `handshake` is called. `query`: only those with a query; the
   * server accepts the others without making a `Request`.
   * @default "all"
   */
  readonly handshakes?: "all" | "query";
  /**
   * Called for a handshake that passed the server's checks, before the 101 response.
   * Return a `Response` to refuse. An error refuses with 500.
   *
   * A promise has no time limit. Meanwhile the handshake holds a connection slot, and
   * nothing is read from the client. After the begin of a shutdown any result but a
   * `Response` becomes a 503; a promise that is pending when the shutdown's time is over
   * is not waited for.
   */
  handshake?(
    request: Request,
    info: HandshakeInfo,
  ): HandshakeResult<State> | Promise<HandshakeResult<State>>;
  /**
   * Called for a GET with a query that is not a WebSocket handshake. Return a `Response`
   * that names the error in the query; otherwise the server answers 426.
   */
  checkQuery?(request: Request, info: HandshakeInfo): Response | undefined;
  /**
   * Called when the connection is open; it can send from now on. No frame is delivered
   * while a returned promise is pending. An error or a rejection closes the connection
   * with 1011.
   */
  open?(connection: Connection<State>): void | Promise<void>;
  /**
   * Called for each message, frame or part. An error or a rejection closes the connection
   * with 1011.
   */
  frame(connection: Connection<State>, frame: Frame): void | Promise<void>;
  /**
   * Called once when an open connection has ended. An error or a rejection is logged.
   */
  close?(
    connection: Connection<State>,
    event: CloseEventInfo,
  ): void | Promise<void>;
}
