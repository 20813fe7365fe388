/**
 * A WebSocket client on a raw connection, which shows all that a usual client
 * hides: the handshake with its fields and times, every frame, and how the
 * connection ended. It sends what it is told to, legal or not.
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

/** How to connect. */
export interface ClientOptions extends DialOptions, FrameReaderOptions {
  /** Subprotocols to offer, in the order of preference. */
  readonly subprotocols?: readonly string[];
  /** The `Sec-WebSocket-Extensions` to offer. */
  readonly extensions?: string;
  /** Further fields of the request; see {@linkcode HandshakeRequest.headers}. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** Bytes of a refusal's body that are of interest. */
const MAX_BODY = 4096;

/** A connection to a WebSocket server. */
export class ClientConnection implements Disposable {
  /** What came of the handshake. */
  readonly handshake: Handshake;
  /** How the connection ended, once a read has seen it. */
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
   * Connects and shakes hands, whatever the server answers.
   *
   * @param url where to: `ws:` or `wss:`
   * @param options what to ask for
   * @throws {DialError} when there is no connection
   * @throws {NoResponseError} when there is no response
   * @throws the signal's reason, when it is aborted
   */
  static async shake(
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
      // Why a write fails is what the read tells.
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
   * Connects and shakes hands.
   *
   * @param url where to: `ws:` or `wss:`
   * @param options what to ask for
   * @throws {DialError} when there is no connection
   * @throws {NoResponseError} when there is no response
   * @throws the signal's reason, when it is aborted
   * @throws {RefusedError} when the answer makes no WebSocket
   */
  static async open(
    url: string | URL,
    options: ClientOptions = {},
  ): Promise<ClientConnection> {
    const connection = await ClientConnection.shake(url, options);
    if (connection.handshake.faults.length === 0) return connection;
    connection[Symbol.dispose]();
    throw new RefusedError(connection.handshake);
  }

  /** The subprotocol that the server chose, or `""`. */
  get protocol(): string {
    return field(this.handshake.response, "sec-websocket-protocol") ?? "";
  }

  /** Bytes of a frame that has not come to its end. */
  get pending(): number {
    return this.#frames.buffered;
  }

  /** Whether this side has closed the connection, or a read has seen its end. */
  get isOver(): boolean {
    return this.ending !== undefined || this.#isClosed;
  }

  /**
   * Writes bytes as they are; resolves when the operating system has them all.
   *
   * @param bytes not to be changed until then
   */
  write(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#conn, bytes);
  }

  /**
   * Sends a frame.
   *
   * @param opcode its name, or any number from 0 to 15
   * @param payload what it carries
   * @param options what differs from a correct frame that is whole
   */
  send(
    opcode: Opcode | number,
    payload: Payload = "",
    options: FrameOptions = {},
  ): Promise<void> {
    return this.write(encodeFrame(opcode, payload, options));
  }

  /**
   * Sends a CLOSE, its code allowed or not.
   *
   * @param code any number of 16 bits, or nothing for an empty CLOSE
   * @param reason a text, or bytes that are none
   */
  sendClose(code?: number, reason: Payload = ""): Promise<void> {
    return this.send("close", closePayload(code, reason));
  }

  /**
   * The next frame; its payload is valid until the next call.
   *
   * @returns `undefined` at the end of the connection
   * @throws {ServerFault} bytes that no server may send
   */
  async frame(): Promise<ServerFrame | undefined> {
    for (;;) {
      const frame = this.#frames.next();
      if (frame !== undefined) return frame;
      if (!await this.#more()) return undefined;
    }
  }

  /**
   * The next message or control frame; nothing is answered.
   *
   * @returns `undefined` at the end of the connection
   * @throws {ServerFault} bytes that no server may send
   */
  async message(): Promise<ServerMessage | undefined> {
    for (;;) {
      const frame = await this.frame();
      if (frame === undefined) return undefined;
      const message = this.#messages.push(frame);
      if (message !== undefined) return message;
    }
  }

  /** The next message; a PING before it is answered, a PONG passed over. */
  async dataOrClose(): Promise<ServerMessage | undefined> {
    for (;;) {
      const message = await this.message();
      if (message === undefined) return undefined;
      if (message.opcode === "ping") await this.send("pong", message.payload);
      else if (message.opcode !== "pong") return message;
    }
  }

  /**
   * What a refusal says: its body, as far as a Content-Length promises one, the
   * first 4 KiB of it.
   */
  async body(): Promise<Uint8Array<ArrayBuffer>> {
    const { response } = this.handshake;
    const length = Number(field(response, "content-length") ?? 0);
    const wanted = Math.min(length || 0, MAX_BODY);
    while (this.#frames.buffered < wanted && await this.#more());
    return this.#frames.takeRaw(wanted || MAX_BODY);
  }

  /** Cuts the connection, without a CLOSE. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #more(): Promise<boolean> {
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
