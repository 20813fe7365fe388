/**
 * A WebSocket client on TCP or TLS. It exposes the handshake with its fields and
 * times, every frame, and the end of TCP. It can violate every rule of RFC 6455.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import { type Opcode, OPCODE_NUMBER } from "../websocket.ts";
import type { ByteStream } from "./dial.ts";
import {
  EndedError,
  type Ending,
  NotResettableError,
  RefusedError,
  TimeoutError,
} from "./errors.ts";
import { FaultRecord, type ProtocolError } from "./protocol_error.ts";
import {
  closePayload,
  encodeFrame,
  type FrameOptions,
  type Payload,
} from "./frame.ts";
import type { FrameReader, ServerFrame } from "./frame_reader.ts";
import { field, type Handshake, type HandshakeFault } from "./handshake.ts";
import {
  type CloseMessage,
  MessageReader,
  readClose,
  type ServerMessage,
} from "./message_reader.ts";
import {
  type ClientOptions,
  type Opened,
  openHandshake,
  writeAll,
} from "./opening.ts";

/**
 * Options of a read.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import {
 *   connect,
 *   type ReadOptions,
 *   TimeoutError,
 * } from "@ws-echo/server/client";
 * import { assertRejects } from "@std/assert";
 *
 * const soon: ReadOptions = { timeout: 20 };
 * const routes = { "/mute": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/mute`);
 * await client.send("text", "hello");
 * await assertRejects(() => client.nextMessage(soon), TimeoutError);
 * ```
 */
export interface ReadOptions {
  /**
   * Milliseconds that the call may take. If they pass, the next read continues where this
   * one stopped.
   * @default the connection's `timeout`
   */
  readonly timeout?: number | undefined;
}

/** Maximum number of bytes of a refusal's body. */
const MAX_BODY = 4096;

/**
 * A connection to a WebSocket server.
 *
 * Reads are made one at a time. Nothing is read, answered or closed without a call.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { type ClientConnection, connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const ask = async (client: ClientConnection, text: string) => {
 *   await client.send("text", text);
 *   return (await client.nextMessage()).text();
 * };
 * await using server = await serve({
 *   routes: { "/echo": { frame: (connection, frame) => connection.send(frame) } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * await using client = await connect(`${server.urls.frame}/echo`);
 * assertEquals(await ask(client, "hello"), "hello");
 * ```
 */
export class ClientConnection implements Disposable, AsyncDisposable {
  /** The request, the response, its faults and times. */
  readonly handshake: Handshake;
  /** How the connection ended; set by the read that reaches the end. */
  ending: Ending | undefined;

  readonly #conn: ByteStream;
  readonly #frames: FrameReader;
  readonly #record: FaultRecord;
  readonly #messages: MessageReader;
  readonly #timeout: number | undefined;
  #isClosed = false;
  /** The pending read of the transport. */
  #reading: Promise<boolean> | undefined;
  /** The first CLOSE of the server. */
  #close: CloseMessage | undefined;

  private constructor(
    { conn, handshake, frames }: Opened,
    record: FaultRecord,
    timeout: number | undefined,
  ) {
    this.#conn = conn;
    this.handshake = handshake;
    this.#frames = frames;
    this.#record = record;
    this.#messages = new MessageReader(record);
    this.#timeout = timeout;
  }

  /**
   * Connects and performs the opening handshake. The response may refuse it.
   *
   * @param url the server's address: `ws:` or `wss:`
   * @param options of the connection
   * @throws {DialError} TCP or TLS cannot be connected
   * @throws {NoResponseError} no HTTP response arrives
   * @throws {TimeoutError} no response arrives in time
   * @throws the signal's reason when it is aborted
   */
  static async openUnchecked(
    url: string | URL,
    options: ClientOptions = {},
  ): Promise<ClientConnection> {
    const record = new FaultRecord(options.tolerant);
    const opened = await openHandshake(new URL(url), options, record);
    return new ClientConnection(opened, record, options.timeout);
  }

  /**
   * Connects and performs the opening handshake.
   *
   * @param url the server's address: `ws:` or `wss:`
   * @param options of the connection
   * @throws {DialError} TCP or TLS cannot be connected
   * @throws {NoResponseError} no HTTP response arrives
   * @throws {TimeoutError} no response arrives in time
   * @throws {RefusedError} the response is not a valid 101
   * @throws the signal's reason when it is aborted
   */
  static async open(
    url: string | URL,
    options: ClientOptions = {},
  ): Promise<ClientConnection> {
    const connection = await ClientConnection.openUnchecked(url, options);
    if (connection.handshake.faults.length === 0) return connection;
    await connection[Symbol.asyncDispose]();
    throw new RefusedError(connection.handshake);
  }

  /** The rules that the server has broken so far, from the handshake on. */
  get faults(): readonly (HandshakeFault | ProtocolError)[] {
    return [...this.handshake.faults, ...this.#record.faults];
  }

  /** The chosen subprotocol, or `""`. */
  get protocol(): string {
    return field(this.handshake.response, "sec-websocket-protocol") ?? "";
  }

  /** Number of received bytes that are not decoded into frames yet. */
  get unreadBytes(): number {
    return this.#frames.buffered;
  }

  /** Whether this side has cut the connection, or a read has reached its end. */
  get isEnded(): boolean {
    return this.ending !== undefined || this.#isClosed;
  }

  /**
   * Writes raw bytes; resolves when the operating system has accepted all of them.
   *
   * @param bytes must not change before
   * @throws {TypeError} they are no `Uint8Array`
   */
  write(bytes: Uint8Array): Promise<void> {
    if (!(bytes instanceof Uint8Array)) {
      throw wrongArgument("bytes", "a Uint8Array", bytes);
    }
    return writeAll(this.#conn, bytes);
  }

  /**
   * Ends this side's output with FIN; the connection can still be read. On a closed
   * connection it does nothing.
   */
  closeWrite(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return this.#conn.closeWrite();
  }

  /**
   * Ends the connection with RST.
   *
   * @throws {NotResettableError} a `wss:` connection, or one without `resettable`
   */
  async reset(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#conn.reset === undefined) throw new NotResettableError();
    this.#isClosed = true;
    this.#conn.reset();
    await this.#settled();
  }

  /**
   * Sends a frame.
   *
   * @param opcode its name, or any number from 0 to 15
   * @param payload of the frame
   * @param options deviations from a correct, unfragmented frame
   */
  send(
    opcode: Opcode | number,
    payload: Payload = "",
    options: FrameOptions = {},
  ): Promise<void> {
    return this.write(encodeFrame(opcode, payload, options));
  }

  /**
   * Sends a CLOSE; the code may be invalid.
   *
   * @param code any 16-bit number; `undefined` sends an empty CLOSE
   * @param reason a text, or bytes that are not UTF-8
   */
  sendClose(code?: number, reason: Payload = ""): Promise<void> {
    return this.send("close", closePayload(code, reason));
  }

  /**
   * Reads the next frame; its payload is valid until the next call.
   *
   * @param options time limit
   * @returns `undefined` at the end of the connection
   * @throws {ProtocolError} the server violated RFC 6455
   * @throws {TimeoutError} the frame is not complete in time
   */
  frame(options?: ReadOptions): Promise<ServerFrame | undefined> {
    return this.#frame(this.#limit(options));
  }

  /**
   * Reads the next message or control frame, and answers none.
   *
   * @param options time limit
   * @returns `undefined` at the end of the connection
   * @throws {ProtocolError} the server violated RFC 6455
   * @throws {TimeoutError} a frame is not complete in time
   */
  message(options?: ReadOptions): Promise<ServerMessage | undefined> {
    return this.#message(this.#limit(options));
  }

  /**
   * Reads the next data message or CLOSE; answers PINGs and ignores PONGs before it.
   *
   * @param options time limit
   * @returns `undefined` at the end of the connection
   * @throws {ProtocolError} the server violated RFC 6455
   * @throws {TimeoutError} a frame is not complete in time
   */
  async dataOrClose(
    options?: ReadOptions,
  ): Promise<ServerMessage | undefined> {
    const limit = this.#limit(options);
    for (;;) {
      const message = await this.#message(limit);
      if (message === undefined) return undefined;
      if (message.opcode === "ping") await this.send("pong", message.payload);
      else if (message.opcode !== "pong") return message;
    }
  }

  /**
   * Reads the next frame of any opcode, and answers none.
   *
   * @param options time limit
   * @returns the frame with a payload of its own
   * @throws {EndedError} the connection has ended
   * @throws {ProtocolError} the server violated RFC 6455
   * @throws {TimeoutError} the frame is not complete in time
   */
  async nextFrame(options?: ReadOptions): Promise<ServerFrame> {
    const frame = await this.frame(options);
    if (frame === undefined) throw new EndedError(this.ending!, "a frame");
    return { ...frame, payload: frame.payload.slice() };
  }

  /**
   * Reads the next data message or CLOSE; answers PINGs and ignores PONGs before it.
   *
   * @param options time limit
   * @throws {EndedError} the connection has ended
   * @throws {ProtocolError} the server violated RFC 6455
   * @throws {TimeoutError} a frame is not complete in time
   */
  async nextMessage(options?: ReadOptions): Promise<ServerMessage> {
    const message = await this.dataOrClose(options);
    if (message === undefined) throw new EndedError(this.ending!, "a message");
    return message;
  }

  /**
   * Iterates over the frames of any opcode to the end of the connection, like
   * {@linkcode ClientConnection.nextFrame}.
   */
  async *frames(): AsyncGenerator<ServerFrame, void, void> {
    for (let frame; (frame = await this.frame()) !== undefined;) {
      yield { ...frame, payload: frame.payload.slice() };
    }
  }

  /**
   * Iterates over data messages and CLOSE to the end of the connection, like
   * {@linkcode ClientConnection.nextMessage}.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerMessage, void, void> {
    for (let message; (message = await this.dataOrClose()) !== undefined;) {
      yield message;
    }
  }

  /**
   * Performs the closing handshake: sends a CLOSE, ignores data before the server's, and
   * waits for the end of the connection.
   *
   * @param code any 16-bit number; `undefined` sends an empty CLOSE
   * @param reason a text, or bytes that are not UTF-8
   * @param options time limit
   * @returns the server's CLOSE
   * @throws {EndedError} the connection has ended without the server's CLOSE
   * @throws {ProtocolError} the server violated RFC 6455
   * @throws {TimeoutError} the CLOSE, or the end of the connection, is late
   */
  async close(
    code?: number,
    reason: Payload = "",
    options?: ReadOptions,
  ): Promise<CloseMessage> {
    // If the write fails, the read reports the reason.
    await this.sendClose(code, reason).catch(() => {});
    const limit = this.#limit(options);
    while (await this.#message(limit) !== undefined);
    if (this.#close === undefined) {
      throw new EndedError(this.ending!, "a CLOSE");
    }
    return this.#close;
  }

  /**
   * Reads the body of a refusal: the first 4 KiB of its `Content-Length`, or the
   * bytes that arrived with the head.
   *
   * @param options time limit
   * @throws {TimeoutError} the body is not complete in time
   */
  async body(options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { response } = this.handshake;
    const length = Number(field(response, "content-length") ?? 0);
    const wanted = Math.min(length || 0, MAX_BODY);
    const limit = this.#limit(options);
    while (
      this.#frames.buffered < wanted &&
      await this.#readInTime("the body", limit)
    );
    return this.#frames.takeRaw(wanted || MAX_BODY);
  }

  /** Closes TCP without a CLOSE. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  /** Closes TCP without a CLOSE; resolves when nothing is left of the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.#settled();
  }

  async #settled(): Promise<void> {
    await this.#conn.closed;
    await this.#reading;
  }

  async #frame(limit: Limit | undefined): Promise<ServerFrame | undefined> {
    for (;;) {
      const frame = this.#frames.next();
      if (frame !== undefined) {
        if (frame.opcode === OPCODE_NUMBER.close) {
          this.#close ??= readClose(frame.payload);
        }
        return frame;
      }
      if (!await this.#readInTime("a frame", limit)) return undefined;
    }
  }

  async #message(
    limit: Limit | undefined,
  ): Promise<ServerMessage | undefined> {
    for (;;) {
      const frame = await this.#frame(limit);
      if (frame === undefined) return undefined;
      const message = this.#messages.push(frame);
      if (message !== undefined) return message;
    }
  }

  #limit(options?: ReadOptions): Limit | undefined {
    const timeout = options?.timeout ?? this.#timeout;
    return timeout === undefined
      ? undefined
      : { timeout, end: performance.now() + timeout };
  }

  /** Reads once; false at the end. */
  #readInTime(expected: string, limit: Limit | undefined): Promise<boolean> {
    const reading = this.#reading ??= this.#readMore();
    return limit === undefined ? reading : inTime(reading, limit, expected);
  }

  async #readMore(): Promise<boolean> {
    try {
      if (this.ending !== undefined) return false;
      const count = await this.#conn.read(this.#frames.space());
      if (count !== null) {
        this.#frames.received(count);
        return true;
      }
      this.ending = this.#isClosed ? "closed" : "end";
    } catch {
      this.ending = this.#isClosed ? "closed" : "reset";
    } finally {
      this.#reading = undefined;
    }
    return false;
  }
}

/** The time limit of a call. */
interface Limit {
  /** Milliseconds. */
  readonly timeout: number;
  /** Its end, on the clock of `performance.now()`. */
  readonly end: number;
}

/** Waits for a read, and gives up after the time limit. */
async function inTime(
  reading: Promise<boolean>,
  { timeout, end }: Limit,
  expected: string,
): Promise<boolean> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new TimeoutError(timeout, expected)),
    Math.max(0, end - performance.now()),
  );
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
