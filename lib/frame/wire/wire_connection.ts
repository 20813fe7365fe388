/**
 * The bytes of a connection that a handler has taken over.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import type { Wire, WireClosing } from "../../wire.ts";
import type { Socket, SocketUser } from "../transport/socket.ts";
import { MAX_READ, WireInput } from "./wire_input.ts";
import { WireOutput } from "./wire_output.ts";

/**
 * Milliseconds between the server's FIN and the close, unless the client ends its output
 * earlier: a socket that is closed with unread input may destroy what was sent.
 */
const LINGER = 1000;

/** Milliseconds that a reset waits for the end of an operation under way. */
const RESET_TIMEOUT = 1000;

/** A PING without a payload. */
const PING = Uint8Array.of(0x89, 0);

/** The session of a {@linkcode WireConnection}. */
export interface WireUser {
  /** Bytes of the client have arrived. */
  received(): void;
  /** The handler ends the connection: the close timeout begins. */
  ending(): void;
  /** The socket is closed; called once. */
  ended(): void;
  /** Counts a frame; see `Wire.count`. */
  count: Wire["count"];
}

/** The handshake of a {@linkcode WireConnection}. */
export interface WireInit {
  /** Id of the session. */
  readonly id: string;
  /** Has no read or write under way. */
  readonly socket: Socket;
  /** The request head as received. */
  readonly requestHead: string;
  /** The 101 response, which is not sent. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** Bytes that arrived after the head; the connection's from now on. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** Reads and writes for a handler, and ends the socket. */
export class WireConnection implements Wire, SocketUser {
  /** Id of the session. */
  readonly id: string;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** The request head as received. */
  readonly requestHead: string;
  /** The 101 response that the listener would have sent. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** The reads. */
  readonly input: WireInput;
  /** The writes. */
  readonly output: WireOutput;

  readonly #socket: Socket;
  readonly #user: WireUser;
  readonly #charge: MemoryCharge;
  readonly #closing = new AbortController();
  /** The handler has ended the connection, or it has failed. */
  #isClosed = false;
  /** The socket is closed. */
  #hasEnded = false;
  /** FIN is sent. */
  #isLingering = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes a socket over.
   *
   * @param user the session
   * @param charge its share of the memory account
   * @param init the handshake
   */
  constructor(user: WireUser, charge: MemoryCharge, init: WireInit) {
    const { socket } = init;
    this.id = init.id;
    this.remoteAddr = socket.remoteAddr;
    this.requestHead = init.requestHead;
    this.response = init.response;
    this.#socket = socket;
    this.#user = user;
    this.#charge = charge;
    this.input = new WireInput(socket, init.rest, charge);
    this.output = new WireOutput(socket, charge);
    socket.user = this;
  }

  /** Aborted when the service wants the connection closed, or when it has failed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Whether the connection is over for the handler. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Reads; see {@linkcode Wire.read}.
   *
   * @param maxBytes maximum number of bytes
   */
  read(
    maxBytes: number = MAX_READ,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.input.read(maxBytes);
  }

  /**
   * Writes; see {@linkcode Wire.write}.
   *
   * @param bytes must not change before the promise resolves
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.output.write(bytes);
  }

  /** Ends the output after what was written; see {@linkcode Wire.closeWrite}. */
  closeWrite(): Promise<void> {
    return this.output.end();
  }

  /** Closes the connection after what was written; see {@linkcode Wire.close}. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.input.close();
    this.#user.ending();
    this.output.end().then(() => this.#startLingering(), () => this.destroy());
  }

  /** Resets the connection; see {@linkcode Wire.reset}. */
  async reset(): Promise<boolean> {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    this.input.close();
    this.#user.ending();
    const timer = setTimeout(() => this.destroy(), RESET_TIMEOUT);
    try {
      await this.#untilIdle();
    } finally {
      clearTimeout(timer);
    }
    if (this.#hasEnded) return false;
    const isReset = this.#socket.reset();
    this.#end();
    return await isReset;
  }

  /**
   * Counts a frame; see {@linkcode Wire.count}.
   *
   * @param direction of the frame
   * @param bytes of its payload
   * @param endsMessage whether it ends a data message
   */
  count(
    direction: "received" | "sent",
    bytes: number,
    endsMessage: boolean,
  ): void {
    this.#user.count(direction, bytes, endsMessage);
  }

  /**
   * Charges memory; see {@linkcode Wire.charge}.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void {
    if (!Number.isFinite(bytes)) throw new RangeError(`${bytes} bytes`);
    this.#charge.add(bytes);
  }

  // The session calls the following methods.

  /**
   * Asks the handler to end the connection.
   *
   * @param request code and reason
   */
  askToClose(request: WireClosing): void {
    this.#closing.abort(request);
  }

  /** Closes the socket at once; what is not written is lost. */
  destroy(): void {
    if (this.#hasEnded) return;
    this.#socket.close();
    this.#end();
  }

  // The socket calls the following methods.

  /**
   * Bytes have arrived.
   *
   * @param count how many
   */
  arrived(count: number): void {
    this.#user.received();
    this.input.arrived(count);
  }

  /** The client has ended its output. */
  readEnded(): void {
    this.input.ended();
    if (this.#isLingering) this.destroy();
  }

  /** The client has reset the connection, or the socket is closed. */
  readFailed(): void {
    this.input.failed();
    this.destroy();
  }

  /**
   * A part of a write is written.
   *
   * @param count bytes
   */
  written(count: number): void {
    this.output.written(count);
  }

  /** The client has reset the connection, or the socket is closed. */
  writeFailed(): void {
    this.destroy();
  }

  /** FIN is sent: drops input until the client ends its output, too. */
  #startLingering(): void {
    if (this.#hasEnded) return;
    if (this.input.hasEnded) return this.destroy();
    this.#isLingering = true;
    this.#linger = setTimeout(() => this.destroy(), LINGER);
    this.input.discard();
  }

  /**
   * Waits until no operation is under way. A read ends only when the client sends data; a
   * PING makes the client send a PONG.
   */
  async #untilIdle(): Promise<void> {
    if (this.input.isReading) this.output.write(PING);
    await Promise.all([this.input.idle(), this.output.idle()]);
  }

  #end(): void {
    const wasClosed = this.#isClosed;
    this.#hasEnded = true;
    this.#isClosed = true;
    clearTimeout(this.#linger);
    this.input.stop();
    this.output.close();
    if (!wasClosed) this.askToClose(FAILED);
    this.#user.ended();
  }
}

const FAILED: WireClosing = {
  code: CLOSE_CODE.abnormal,
  reason: "the connection has failed",
};
