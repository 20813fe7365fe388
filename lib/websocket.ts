/**
 * The contract between a handler and the two listeners: what a handler is given
 * (frames, a connection) and what it may set (subprotocols, control frames, the
 * way payloads are delivered). It follows the WebSocket API of ESP-IDF's HTTP
 * server; nothing in here knows which listener it runs on.
 *
 * @module
 */

/** The opcodes of RFC 6455 §5.2 by name. */
export type Opcode =
  | "continuation"
  | "text"
  | "binary"
  | "close"
  | "ping"
  | "pong";

/** The number of each opcode on the wire (RFC 6455 §5.2). */
export const OPCODE_NUMBER: Readonly<Record<Opcode, number>> = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
};

/**
 * What a handler receives: a whole message, one frame, or a piece of a frame,
 * as {@linkcode WebSocketHandler.receive} says.
 *
 * A frame belongs to the connection that delivers it: it is valid until the
 * handler returns or, where the handler returns a promise, until that settles.
 * Then its memory is used for something else, or freed.
 */
export interface Frame {
  /** What the payload is; `continuation` only where frames are delivered one by one. */
  readonly opcode: Opcode;
  /**
   * With `receive: "message"` always true. With `"frame"` the FIN bit as it was
   * on the wire. With `"part"` true for the last piece of a frame that has FIN.
   */
  readonly final: boolean;
  /** The payload, unmasked, in bytes; copy it to keep it. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole frame's payload, known from its first piece on. */
  readonly length: number;
  /** Bytes of this frame's payload that are still to come; 0 unless `receive` is `"part"`. */
  readonly left: number;
  /**
   * The payload as UTF-8. With opcode `text` in a whole message it has been
   * checked; elsewhere a malformed sequence reads as U+FFFD.
   */
  text(): string;
  /**
   * Whether the payload begins with a text, without decoding the rest of it.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean;
}

/** How {@linkcode Connection.send} puts its data on the wire. */
export interface SendOptions {
  /**
   * What the payload is.
   * @default `text` for a string, `binary` for bytes
   */
  readonly opcode?: Opcode;
  /**
   * The FIN bit. False starts or goes on with a fragmented message, whose next
   * fragments are sent with opcode `continuation` (RFC 6455 §5.4).
   * @default true
   */
  readonly final?: boolean;
  /**
   * Bytes of a fragment, at least 1: a longer payload leaves in fragments of that
   * size, the last with the FIN bit of `final`. They are made as fast as the client
   * reads. Where the listener cannot send fragments, it leaves as one message.
   * @default one frame
   */
  readonly fragmentSize?: number;
}

/** What the listener below a connection can do. */
export interface Capabilities {
  /** PING and PONG can be seen and sent. */
  readonly controlFrames: boolean;
  /** Fragments can be seen and sent as such. */
  readonly fragments: boolean;
  /** Reading can be paused, and the connection cut. */
  readonly transport: boolean;
  /** permessage-deflate was agreed on. */
  readonly compression: boolean;
}

/**
 * What has gone over a connection: data messages, as handlers receive and send
 * them, and the bytes of their payloads, before compression.
 */
export interface Traffic {
  /** Messages that arrived whole. */
  readonly messagesReceived: number;
  /** Payload bytes that arrived. */
  readonly bytesReceived: number;
  /** Messages that were sent whole. */
  readonly messagesSent: number;
  /** Payload bytes that were sent. */
  readonly bytesSent: number;
}

/** The two ways into the service. */
export type ListenerName = "edge" | "frame";

/** One peer, from the end of the handshake to the close. */
export interface Connection<State = unknown> {
  /** Unique among the running instances; what the log and the sessions call this peer. */
  readonly id: string;
  /** The listener that accepted the peer. */
  readonly listener: ListenerName;
  /** The route's path in the router map. */
  readonly path: string;
  /** When the connection opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** What has gone over the connection until now. */
  readonly traffic: Traffic;
  /** Of two connections, the one with the lower number was heard from longer ago. */
  readonly lastActivity: number;
  /** A snapshot of the handshake request. */
  readonly request: { readonly url: URL; readonly headers: Headers };
  /** The peer's address as the transport saw it. */
  readonly remoteAddr: Deno.Addr;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** What this connection can do beyond whole messages. */
  readonly capabilities: Capabilities;
  /** Bytes that were handed to `send` and have not reached the operating system. */
  readonly bufferedAmount: number;
  /**
   * False from the moment that CLOSE was sent or the transport ended; a handler
   * with `controlFrames` may still send between the peer's CLOSE and its own.
   */
  readonly isOpen: boolean;
  /** Whatever the handler keeps for this peer; set by `handshake` or `open`. */
  state: State;

  /**
   * Sends data, or a received frame as it came (its opcode, payload and FIN).
   * A piece of a frame leaves as a fragment: the first with the frame's opcode,
   * those after it as continuations.
   *
   * On a connection that is no longer open the call does nothing. A peer that
   * has more than the send-buffer limit waiting is closed with 1008 instead.
   *
   * @param data the payload; a string leaves as UTF-8
   * @param options opcode and FIN, where the defaults do not fit
   * @throws {FragmentOrderError} a continuation with nothing to continue, or a
   * new data frame inside a fragmented message; nothing is sent
   * @throws {InvalidPayloadError} a control frame that is fragmented or over 125
   * bytes, or text bytes that are not UTF-8; nothing is sent
   * @throws {NotSupportedError} PING or PONG on the edge listener
   */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void;

  /**
   * Sends a PING (RFC 6455 §5.5.2).
   *
   * @param payload at most 125 bytes
   * @throws {NotSupportedError} on the edge listener
   * @throws {InvalidPayloadError} over 125 bytes
   */
  ping(payload?: Uint8Array): void;

  /**
   * Starts the closing handshake, or answers the peer's (RFC 6455 §7). A second
   * call does nothing.
   *
   * @param code 1000, another code of RFC 6455 §7.4.1 that may be sent, or
   * 3000 to 4999; without one the close frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws {InvalidPayloadError} a code that may not be sent, or a long reason
   */
  close(code?: number, reason?: string): void;

  /**
   * Cuts the connection without a CLOSE, whatever the peer does: the peer sees the
   * end of the TCP stream (FIN; a reset where it sent what was not read), behind
   * all that was sent before. A peer that does not read it is cut off all the
   * same, after the time that it has for a CLOSE.
   *
   * @throws {NotSupportedError} on the edge listener
   */
  abort(): void;

  /**
   * Delivers no frame behind the current one, and soon stops reading: what the
   * peer sends piles up on its own side. Nothing is known of such a peer, so it
   * counts as silent. A close ends the pause.
   *
   * @throws {NotSupportedError} on the edge listener
   */
  pauseReading(): void;

  /**
   * Ends the pause: what was left is delivered after the current event.
   *
   * @throws {NotSupportedError} on the edge listener
   */
  resumeReading(): void;

  /**
   * Runs work on the server's work queue: after the current event, in the order
   * of the calls.
   *
   * @param work an error or a rejection is logged and ends nothing else
   * @throws {WorkQueueFullError} when the queue holds its limit
   */
  queueWork(work: () => void | Promise<void>): void;

  /**
   * Counts memory that the handler holds for this client, such as messages in a
   * queue of its own, towards the service's MEMORY_LIMIT. What is not given back
   * is given back when the connection ends.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void;
}

/** What `handshake` knows beside the request. */
export interface HandshakeInfo {
  /** The listener that received the request. */
  readonly listener: ListenerName;
  /** The peer's address as the transport saw it. */
  readonly remoteAddr: Deno.Addr;
  /** The subprotocol that the negotiation chose, or `""`. */
  readonly protocol: string;
}

/** What `handshake` may add to the 101 answer and to the connection. */
export interface HandshakeExtras<State = unknown> {
  /** Fields for the 101 response. */
  readonly headers?: HeadersInit;
  /** The connection's first `state`. */
  readonly state?: State;
  /**
   * The subprotocol to answer with, offered or not; `""` for none.
   * @default what the negotiation chose
   */
  readonly protocol?: string;
  /**
   * False: permessage-deflate is not agreed on.
   * @default true, where handler, listener and service agree
   */
  readonly compression?: boolean;
  /**
   * Takes the connection over, with all of its options but `subprotocols`; its
   * `handshake` is not called.
   * @default the route's handler
   */
  readonly handler?: WebSocketHandler<State>;
}

/** What `handshake` may return: nothing accepts, a `Response` refuses. */
export type HandshakeResult<State = unknown> =
  | void
  | Response
  | HandshakeExtras<State>;

/** How a connection ended. */
export interface CloseEventInfo {
  /** The peer's close code; 1005 when it sent none, 1006 when it vanished. */
  readonly code: number;
  /** The peer's reason, or `""`. */
  readonly reason: string;
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
}

/**
 * A WebSocket route: the handshake, then every frame, one at a time: while a
 * promise that `open` or `frame` returned is pending, the next frame waits. Only
 * `close` does not wait for it.
 */
export interface WebSocketHandler<State = unknown> {
  /** Names that the route speaks, in the server's order of preference. */
  readonly subprotocols?: readonly string[];
  /**
   * True: `frame` gets PING, PONG and CLOSE, as far as the listener sees them,
   * and answers them itself. False: the server does.
   * @default false
   */
  readonly controlFrames?: boolean;
  /**
   * `message`: fragments put together. `frame`: every frame as it came. `part`:
   * a frame's payload piece by piece as it arrives, never held whole; a piece of
   * a compressed frame, whose length nobody knows yet, looks like a frame of its
   * own. Where the listener shows no fragments, `frame` and `part` get whole
   * messages, `part` with {@linkcode maxPart} in pieces of that size.
   * @default "message"
   */
  readonly receive?: "message" | "frame" | "part";
  /**
   * Bytes of a piece at most, with `receive: "part"`. Every piece of a frame but
   * its last has this size, on both listeners; of a compressed frame, every piece
   * but the last of what one step inflates.
   * @default pieces as they arrive
   */
  readonly maxPart?: number;
  /**
   * Bytes, after inflating; a longer message (with `receive: "frame"`, a longer
   * frame) closes the connection with 1009. Not applied to parts.
   * @default the service's MAX_PAYLOAD
   */
  readonly maxPayload?: number;
  /**
   * Whether permessage-deflate (RFC 7692) may be agreed on, where the listener
   * has it and the service allows it. The handler sees and sends payloads as
   * they are; compression is the listener's affair.
   * @default true
   */
  readonly compression?: boolean;
  /**
   * Bytes below which a message leaves uncompressed; of a message that is sent
   * in fragments, its first fragment counts.
   * @default 1024
   */
  readonly compressionThreshold?: number;
  /**
   * Which requests `handshake` sees. `query`: those that have one; the others are
   * accepted without it, and cost nobody a `Request`.
   * @default "all"
   */
  readonly handshakes?: "all" | "query";
  /**
   * Sees the handshake GET after the server's own checks, before the 101.
   * Return a `Response` to refuse. An error refuses with 500.
   */
  handshake?(
    request: Request,
    info: HandshakeInfo,
  ): HandshakeResult<State> | Promise<HandshakeResult<State>>;
  /**
   * Sees a GET with a query that asks for no WebSocket. Return a `Response` that
   * says what is wrong with the query; otherwise the server answers 426.
   */
  checkQuery?(request: Request, info: HandshakeInfo): Response | undefined;
  /**
   * The connection is open; the first chance to send. While a returned promise
   * is pending, no frame is delivered. An error or a rejection closes the
   * connection with 1011.
   */
  open?(connection: Connection<State>): void | Promise<void>;
  /** A frame arrived. An error or a rejection closes the connection with 1011. */
  frame(connection: Connection<State>, frame: Frame): void | Promise<void>;
  /**
   * The connection is gone; called exactly once for every one that was open. An
   * error or a rejection is logged.
   */
  close?(
    connection: Connection<State>,
    event: CloseEventInfo,
  ): void | Promise<void>;
}
