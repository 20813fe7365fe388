/**
 * The end of a peer that does not become a connection.
 *
 * @module
 */

import { yieldToOthers } from "../../scheduling/scheduler.ts";
import { bufferPool, type ReceiveBuffer } from "./buffer_pool.ts";
import type { Socket, SocketUser } from "./socket.ts";

/** Milliseconds that a refused peer has to take its refusal. */
const LINGER = 1000;

/**
 * Sends a peer its refusal, waits a while for it to take that, lest a reset
 * destroys it, and closes the socket.
 *
 * @param socket on which a read into the buffer may be under way
 * @param buffer is given back
 * @param bytes the refusal
 * @returns resolves when the socket is closed
 */
export function lingeringClose(
  socket: Socket,
  buffer: ReceiveBuffer,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  return new Promise((done) => {
    new Dismissal(socket, buffer, bytes.length, done).start(bytes);
  });
}

class Dismissal implements SocketUser {
  readonly #socket: Socket;
  readonly #buffer: ReceiveBuffer;
  readonly #done: () => void;
  readonly #timer = setTimeout(() => this.#close(), LINGER);
  #unwritten: number;
  #peerEnded = false;
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
    if (this.#peerEnded) this.#close();
    else if (!this.#socket.isReading) this.#socket.read(this.#buffer.view);
  }

  arrived(): void {
    if (this.#closed) bufferPool.give(this.#buffer);
    else if (this.#unwritten === 0) yieldToOthers(() => this.#readOn());
  }

  #readOn(): void {
    if (!this.#closed) this.#socket.read(this.#buffer.view);
  }

  peerEnded(): void {
    this.#peerEnded = true;
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
