/**
 * The contract between a handler and the bytes of a connection of the frame listener: to
 * record them ({@linkcode WireTap}), or to take the connection over ({@linkcode Wire}).
 *
 * @module
 */

/**
 * Records all bytes of a connection of the frame listener, also of one that a handler has
 * taken over. With TLS these are the bytes inside TLS.
 *
 * The arrays are not copies: each is valid only during the call. Each byte is reported
 * once, in the order of its direction. The connection waits for the calls, so they have to
 * be short. An error of a method is logged and ends the recording, not the connection.
 *
 * @example
 * ```ts
 * import { serve, type WireTap } from "@ws-echo/server";
 * import { connect } from "@ws-echo/server/client";
 * import { assert, assertEquals } from "@std/assert";
 *
 * let received = 0;
 * const ended = Promise.withResolvers<string>();
 * const tap: WireTap = {
 *   received: (bytes) => received += bytes.length,
 *   sent() {},
 *   inputEnded() {},
 *   outputEnded() {},
 *   ended: ended.resolve,
 * };
 * const routes = { "/ws": { handshake: () => ({ tap }), frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * const client = await connect(`${server.urls.frame}/ws`);
 * await client.close();
 * assertEquals(await ended.promise, "closed");
 * assert(received > 100);
 * ```
 */
export interface WireTap {
  /**
   * Bytes of the client. The first call has the request head up to and with the empty
   * line, and nothing else.
   *
   * @param bytes as received, masked; valid during the call
   */
  received(bytes: Uint8Array): void;
  /**
   * Bytes that the operating system has taken, from the first byte of the response on.
   *
   * @param bytes valid during the call
   */
  sent(bytes: Uint8Array): void;
  /** The client has ended its output (FIN). */
  inputEnded(): void;
  /**
   * The server has ended its output (FIN), and the connection is still open. A close of
   * both directions at once is reported by `ended` only.
   */
  outputEnded(): void;
  /**
   * The connection is over; called once, and last.
   *
   * @param end `closed` if this side closed the socket, `failed` if a read or a write
   * failed before: the client has reset the connection, or its host is not reachable
   */
  ended(end: "closed" | "failed"): void;
}

/**
 * A request to close a taken-over connection: {@linkcode Wire.closing} is aborted with it.
 *
 * @example
 * ```ts
 * import type { WireClosing } from "@ws-echo/server";
 * import { openWire } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const codes: number[] = [];
 * const fake = await openWire({
 *   handshake: () => ({
 *     async takeOver({ closing }) {
 *       await new Promise((resolve) => closing.onabort = resolve);
 *       codes.push((closing.reason as WireClosing).code);
 *     },
 *   }),
 *   frame() {},
 * });
 * fake.askToClose(1001, "shutdown");
 * await fake.finished;
 * assertEquals(codes, [1001]);
 * ```
 */
export interface WireClosing {
  /**
   * The close code for the client: 1001 at a shutdown, 1008 if the client does not read,
   * 1013 if memory is short, the code of the admin API; 1006 if the connection has failed,
   * so that nothing can be sent.
   */
  readonly code: number;
  /** The reason for the client. */
  readonly reason: string;
}

/**
 * A connection that a handler has taken over: the listener writes nothing to it, not even
 * the 101, and decodes nothing.
 *
 * It still is a session with a connection slot until the socket is closed. The admin API
 * lists it and can close it, but cannot send to it. `onConnection` and `onDisconnection`
 * get a `Connection` whose `send` throws `NotSupportedError`; its close code is always
 * 1006. Metrics count the handshake as answered with 101.
 *
 * IDLE_TIMEOUT, MESSAGE_RATE and MAX_PAYLOAD do not apply. If the client reads nothing of
 * a write for SEND_TIMEOUT, {@linkcode Wire.closing} is aborted with 1008. A handler that
 * neither reads nor writes does not notice that the client has disconnected.
 *
 * @example
 * ```ts
 * import { serve, type Wire } from "@ws-echo/server";
 * import { connectUnchecked } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const takeOver = (wire: Wire) =>
 *   wire.write(new TextEncoder().encode("HTTP/1.1 299 Odd\r\n\r\n"));
 * const routes = { "/odd": { handshake: () => ({ takeOver }), frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connectUnchecked(`${server.urls.frame}/odd`);
 * assertEquals(client.handshake.response.status, 299);
 * ```
 */
export interface Wire {
  /** Id of the session. */
  readonly id: string;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** The request head as received, up to and with the empty line; Latin-1. */
  readonly requestHead: string;
  /**
   * The 101 response that the listener would have sent, with the agreement on compression
   * if there is one (`compression: false` prevents it).
   */
  readonly response: Uint8Array<ArrayBuffer>;
  /**
   * Aborted when the service wants the connection closed: at a shutdown, by the admin
   * API, by SEND_TIMEOUT or when memory is short. The reason is a
   * {@linkcode WireClosing}. If the handler does not end within the close timeout, the
   * socket is closed.
   *
   * With 1013 memory is short, and the handler has no such time: its listener of the
   * event has to write the CLOSE and to free what the handler holds. After the event the
   * connection is closed as by {@linkcode Wire.close}, and its charge is 0.
   *
   * Also aborted, with 1006, when the connection fails before the handler has closed it,
   * or when memory is short and more than 64 KiB of output wait: the socket is closed
   * then, and the output is lost.
   */
  readonly closing: AbortSignal;
  /** Whether the connection is over: closed or reset by the handler, or failed. */
  readonly isClosed: boolean;

  /**
   * Reads the next bytes of the client, those after the request head first. One call at
   * a time. While memory is short, reads wait.
   *
   * @param maxBytes maximum number of bytes; never more than 64 KiB
   * @returns at least one byte, in memory of its own; `undefined` when the client has
   * ended its output
   * @throws {ConnectionClosedError} the connection is over
   * @throws {RangeError} less than one byte
   * @throws {TypeError} a read is under way
   */
  read(maxBytes?: number): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * Writes bytes; calls need not wait for each other and are made in order. The bytes
   * that wait are charged to the connection.
   *
   * @param bytes must not change before the promise settles
   * @returns resolves when the operating system has taken all; a rejection that is not
   * awaited has no effect
   * @throws {ConnectionClosedError} the connection is over, or its output is ended
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;

  /**
   * Ends the output with FIN, after all writes; the client can still be read from. With
   * TLS a `close_notify` comes first.
   *
   * @returns resolves when FIN is sent
   * @throws {ConnectionClosedError} the connection is over
   */
  closeWrite(): Promise<void>;

  /**
   * Ends the connection: sends FIN after all writes, and drops the input until the client
   * ends its output, for one second at most. This prevents a reset, which could destroy
   * data that was sent. A read under way fails. If the writes take longer than the close
   * timeout, the rest is lost.
   */
  close(): void;

  /**
   * Resets the connection after all writes: the client gets RST and no FIN. The system
   * can do that without TLS, and only while no read is under way; if there is one, it
   * fails: a PING is sent, and the client's answer ends it. After one second, or where a
   * reset is not possible, the socket is closed.
   *
   * @returns whether the client got a reset
   */
  reset(): Promise<boolean>;

  /**
   * Counts a frame in the session's traffic.
   *
   * @param direction of the frame
   * @param bytes of its payload
   * @param endsMessage whether it ends a data message
   */
  count(
    direction: "received" | "sent",
    bytes: number,
    endsMessage: boolean,
  ): void;

  /**
   * Charges memory that the handler holds for this connection.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   */
  charge(bytes: number): void;
}
