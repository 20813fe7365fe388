/**
 * A socket whose bytes a handler records. It stands between a connection and its
 * socket, so a connection without a tap is not changed.
 *
 * @module
 */

import { getLogger } from "../../std/log.ts";
import type { WireTap } from "../../wire.ts";
import { NO_USER, type Socket, type SocketUser } from "../transport/socket.ts";

/** Reports the reads and writes of another socket to a tap. */
export class TappedSocket implements Socket, SocketUser {
  /** Gets the events. */
  user: SocketUser = NO_USER;

  readonly #socket: Socket;
  /** `undefined` after the end, and after an error of the tap. */
  #tap: WireTap | undefined;
  /** The buffer of the read that is under way. */
  #view: Uint8Array | undefined;
  /** The bytes of the write that is under way. */
  #writing: Uint8Array | undefined;
  /** How many of them are reported. */
  #reported = 0;
  #hasFailed = false;

  /**
   * Taps a socket.
   *
   * @param socket has no read or write under way
   * @param tap gets the bytes and the events
   * @param head the bytes of the request head
   * @param rest the bytes that have arrived after the head
   */
  constructor(
    socket: Socket,
    tap: WireTap,
    head: Uint8Array,
    rest: Uint8Array,
  ) {
    this.#socket = socket;
    this.#tap = tap;
    socket.user = this;
    this.#report((tap) => tap.received(head));
    if (rest.length > 0) this.#report((tap) => tap.received(rest));
  }

  /** The client's address. */
  get remoteAddr(): Deno.Addr {
    return this.#socket.remoteAddr;
  }

  /** Whether a read is under way. */
  get isReading(): boolean {
    return this.#socket.isReading;
  }

  /**
   * Reads; see {@linkcode Socket.read}.
   *
   * @param view gets the bytes
   */
  read(view: Uint8Array<ArrayBuffer>): void {
    this.#view = view;
    this.#socket.read(view);
  }

  /**
   * Writes; see {@linkcode Socket.write}.
   *
   * @param bytes the bytes
   * @returns how many bytes are written already
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    this.#writing = bytes;
    this.#reported = 0;
    const count = this.#socket.write(bytes);
    this.#sent(count);
    return count;
  }

  /** Ends the output. */
  endWrites(): void {
    this.#socket.endWrites();
    this.#report((tap) => tap.outputEnded());
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.close();
    this.#end();
  }

  /** Resets the connection; see {@linkcode Socket.reset}. */
  async reset(): Promise<boolean> {
    const isReset = await this.#socket.reset();
    this.#end();
    return isReset;
  }

  // The socket calls the following methods.

  /**
   * Reports the bytes of a read.
   *
   * @param count how many
   */
  arrived(count: number): void {
    const bytes = this.#view!.subarray(0, count);
    this.#view = undefined;
    this.#report((tap) => tap.received(bytes));
    this.user.arrived(count);
  }

  /** Reports the client's FIN. */
  readEnded(): void {
    this.#view = undefined;
    this.#report((tap) => tap.inputEnded());
    this.user.readEnded();
  }

  /** The connection is broken, or closed. */
  readFailed(): void {
    this.#view = undefined;
    this.#hasFailed = true;
    this.user.readFailed();
  }

  /**
   * Reports the bytes of a write.
   *
   * @param count how many
   */
  written(count: number): void {
    this.#sent(count);
    this.user.written(count);
  }

  /** The connection is broken, or closed. */
  writeFailed(): void {
    this.#writing = undefined;
    this.#hasFailed = true;
    this.user.writeFailed();
  }

  #sent(count: number): void {
    const bytes = this.#writing;
    if (count === 0 || bytes === undefined) return;
    const from = this.#reported;
    this.#reported += count;
    if (this.#reported >= bytes.length) this.#writing = undefined;
    this.#report((tap) => tap.sent(bytes.subarray(from, from + count)));
  }

  #end(): void {
    const end = this.#hasFailed ? "failed" : "closed";
    this.#report((tap) => tap.ended(end));
    this.#tap = undefined;
  }

  /** An error ends the recording, not the connection. */
  #report(call: (tap: WireTap) => void): void {
    if (this.#tap === undefined) return;
    try {
      call(this.#tap);
    } catch (error) {
      this.#tap = undefined;
      getLogger("httpd_ws").error("A wire tap failed:", error);
    }
  }
}
