/**
 * A WebSocket client on TCP or TLS. It exposes the handshake with its fields and
 * times, every frame, and the end of TCP. It can violate every rule of RFC 6455.
 *
 * @module
 */

import type { Opcode } from "../websocket.ts";
import { closeQuietly, dial, type DialOptions } from "./dial.ts";
import { type Ending, RefusedError } from "./errors.ts";
import {
  closePayload,
  encodeFrame,
  type FrameOptions,
  type Payload,
} from "./frame.ts";
import {
  FrameReader,
  type FrameReaderOptions,
  type ServerFrame,
} from "./frame_reader.ts";
import {
  checkResponse,
  field,
  type Handshake,
  handshakeKey,
  type HandshakeRequest,
  writeRequest,
} from "./handshake.ts";
import { MessageReader, type ServerMessage } from "./message_reader.ts";
import { readResponse, toLatin1 } from "./response_reader.ts";

/** Options of a connection. */
export interface ClientOptions extends DialOptions, FrameReaderOptions {
  /** Subprotocols to offer, in order of preference. */
  readonly subprotocols?: readonly string[];
  /** Value of the `Sec-WebSocket-Extensions` field. */
  readonly extensions?: string;
  /** Further header fields; see {@linkcode HandshakeRequest.headers}. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** Maximum number of bytes of a refusal's body. */
const MAX_BODY = 4096;

/** A connection to a WebSocket server. */
export class ClientConnection implements Disposable {
  /** The request, the response, its faults and times. */
  readonly handshake: Handshake;
  /** How the connection ended; set by the read that reaches the end. */
  ending: Ending | undefined;

  readonly #conn: Deno.Conn;
  readonly #frames: FrameReader;
  readonly #messages = new MessageReader();
  #isClosed = false;

  private constructor(
    conn: Deno.Conn,
    handshake: Handshake,
    frames: FrameReader,
  ) {
    this.#conn = conn;
    this.handshake = handshake;
    this.#frames = frames;
  }

  /**
   * Connects and performs the opening handshake. The response may refuse it.
   *
   * @param url the server's address: `ws:` or `wss:`
   * @param options of the connection
   * @throws {DialError} TCP or TLS cannot be connected
   * @throws {NoResponseError} no HTTP response arrives
   * @throws the signal's reason when it is aborted
   */
  static async openUnchecked(
    url: string | URL,
    options: ClientOptions = {},
  ): Promise<ClientConnection> {
    const { signal, subprotocols, extensions, headers } = options;
    const request: HandshakeRequest = {
      url: new URL(url),
      key: handshakeKey(),
      ...(subprotocols && { subprotocols }),
      ...(extensions && { extensions }),
      ...(headers && { headers }),
    };
    const head = toLatin1(writeRequest(request));
    const { conn, tcpTime, tlsTime } = await dial(request.url, options);
    const abort = () => conn.close();
    signal?.addEventListener("abort", abort);
    try {
      signal?.throwIfAborted();
      const frames = new FrameReader(options);
      options.onPhase?.("response");
      const start = performance.now();
      // If the write fails, the read reports the reason.
      await writeAll(conn, head).catch(() => {});
      const response = await readResponse(conn, frames);
      const time = performance.now() - start;
      signal?.throwIfAborted();
      return new ClientConnection(conn, {
        request,
        response,
        faults: checkResponse(response, request),
        times: { tcp: tcpTime, tls: tlsTime, response: time },
      }, frames);
    } catch (error) {
      closeQuietly(conn);
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Connects and performs the opening handshake.
   *
   * @param url the server's address: `ws:` or `wss:`
   * @param options of the connection
   * @throws {DialError} TCP or TLS cannot be connected
   * @throws {NoResponseError} no HTTP response arrives
   * @throws {RefusedError} the response is not a valid 101
   * @throws the signal's reason when it is aborted
   */
  static async open(
    url: string | URL,
    options: ClientOptions = {},
  ): Promise<ClientConnection> {
    const connection = await ClientConnection.openUnchecked(url, options);
    if (connection.handshake.faults.length === 0) return connection;
    connection[Symbol.dispose]();
    throw new RefusedError(connection.handshake);
  }

  /** Number of received bytes of an incomplete frame. */
  get pending(): number {
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
   */
  write(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#conn, bytes);
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
   * @returns `undefined` at the end of the connection
   * @throws {ServerFault} the server violated RFC 6455
   */
  async frame(): Promise<ServerFrame | undefined> {
    for (;;) {
      const frame = this.#frames.next();
      if (frame !== undefined) return frame;
      if (!await this.#readMore()) return undefined;
    }
  }

  /**
   * Reads the next message or control frame, and answers none.
   *
   * @returns `undefined` at the end of the connection
   * @throws {ServerFault} the server violated RFC 6455
   */
  async message(): Promise<ServerMessage | undefined> {
    for (;;) {
      const frame = await this.frame();
      if (frame === undefined) return undefined;
      const message = this.#messages.push(frame);
      if (message !== undefined) return message;
    }
  }

  /**
   * Reads the next data message or CLOSE; answers PINGs and ignores PONGs before it.
   *
   * @returns `undefined` at the end of the connection
   * @throws {ServerFault} the server violated RFC 6455
   */
  async dataOrClose(): Promise<ServerMessage | undefined> {
    for (;;) {
      const message = await this.message();
      if (message === undefined) return undefined;
      if (message.opcode === "ping") await this.send("pong", message.payload);
      else if (message.opcode !== "pong") return message;
    }
  }

  /**
   * Reads the body of a refusal: the first 4 KiB of its `Content-Length`, or the
   * bytes that arrived with the head.
   */
  async body(): Promise<Uint8Array<ArrayBuffer>> {
    const { response } = this.handshake;
    const length = Number(field(response, "content-length") ?? 0);
    const wanted = Math.min(length || 0, MAX_BODY);
    while (this.#frames.buffered < wanted && await this.#readMore());
    return this.#frames.takeRaw(wanted || MAX_BODY);
  }

  /** Closes TCP without a CLOSE. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #readMore(): Promise<boolean> {
    if (this.ending !== undefined) return false;
    try {
      const count = await this.#conn.read(this.#frames.space());
      if (count !== null) {
        this.#frames.received(count);
        return true;
      }
      this.ending = "end";
    } catch {
      this.ending = this.#isClosed ? "closed" : "reset";
    }
    return false;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(
      written === 0 ? bytes : bytes.subarray(written),
    );
  }
}
