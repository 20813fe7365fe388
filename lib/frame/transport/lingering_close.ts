/**
 * Closes a socket after a response. A socket that is closed with unread input
 * sends a reset, which can destroy the response before the client reads it; so the
 * input is read until the client ends its output, for one second at most (RFC 9112
 * §9.6).
 *
 * @module
 */

import { yieldToOthers } from "../../scheduling/scheduler.ts";
import { bufferPool, type ReceiveBuffer } from "./buffer_pool.ts";
import type { Socket, SocketUser } from "./socket.ts";

/**
 * Milliseconds from the response to the close, unless the client ends its output
 * earlier.
 */
export const LINGER = 1000;

/**
 * Sends a response, waits until the client ends or one second is over, and closes
 * the socket.
 *
 * @param socket may be reading into the buffer
 * @param buffer is given back to the pool
 * @param bytes the response
 * @returns resolves when the socket is closed
 */
export function lingeringClose(
  socket: Socket,
  buffer: ReceiveBuffer,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  return new Promise((done) => {
    new LingeringClose(socket, buffer, bytes.length, done).start(bytes);
  });
}

class LingeringClose implements SocketUser {
  readonly #socket: Socket;
  readonly #buffer: ReceiveBuffer;
  readonly #done: () => void;
  readonly #timer = setTimeout(() => this.#close(), LINGER);
  #unwritten: number;
  #hasReadEnded = false;
  #closed = false;

  constructor(
    socket: Socket,
    buffer: ReceiveBuffer,
    length: number,
    done: () => void,
  ) {
    this.#socket = socket;
    this.#buffer = buffer;
    this.#unwritten = length;
    this.#done = done;
  }

  start(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.user = this;
    this.written(this.#socket.write(bytes));
  }

  written(count: number): void {
    this.#unwritten -= count;
    if (this.#unwritten > 0 || this.#closed) return;
    this.#socket.endWrites();
    if (this.#hasReadEnded) this.#close();
    else if (!this.#socket.isReading) this.#socket.read(this.#buffer.view);
  }

  arrived(): void {
    if (this.#closed) bufferPool.give(this.#buffer);
    else if (this.#unwritten === 0) yieldToOthers(() => this.#readOn());
  }

  #readOn(): void {
    if (!this.#closed) this.#socket.read(this.#buffer.view);
  }

  readEnded(): void {
    this.#hasReadEnded = true;
    if (this.#closed) bufferPool.give(this.#buffer);
    else if (this.#unwritten === 0) this.#close();
  }

  readFailed(): void {
    if (this.#closed) bufferPool.give(this.#buffer);
    else this.#close();
  }

  writeFailed(): void {
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const { isReading } = this.#socket;
    this.#closed = true;
    this.#socket.close();
    if (!isReading) bufferPool.give(this.#buffer);
    this.#done();
  }
}
