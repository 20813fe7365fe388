/**
 * The reads of a taken-over connection.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import { BufferCharge } from "../../memory/buffer_charge.ts";
import { ConnectionClosedError } from "../../protocol/errors.ts";
import { yieldToOthers } from "../../scheduling/scheduler.ts";
import {
  bufferPool,
  MIN_BUFFER,
  type ReceiveBuffer,
} from "../transport/buffer_pool.ts";
import type { Socket } from "../transport/socket.ts";

/** Bytes of one read at most. */
export const MAX_READ = 64 * 1024;

/** A read of the handler. */
interface Reading
  extends PromiseWithResolvers<Uint8Array<ArrayBuffer> | undefined> {
  readonly maxBytes: number;
}

/** Reads on request; the buffer grows while reads fill it. */
export class WireInput {
  readonly #socket: Socket;
  readonly #held: BufferCharge;
  /** Bytes that arrived after the request head. */
  #rest: Uint8Array<ArrayBuffer>;
  /** Bytes of the next buffer. */
  #size = MIN_BUFFER;
  /** The buffer of the read that is under way. */
  #buffer: ReceiveBuffer | undefined;
  /** Bytes that the read under way may bring. */
  #room = 0;
  #reading: Reading | undefined;
  #holds = 0;
  #hasEnded = false;
  #isClosed = false;
  #discards = false;
  /** Called when no read is under way any more. */
  #becameIdle: (() => void) | undefined;

  /**
   * Takes the input over.
   *
   * @param socket has no read under way
   * @param rest bytes that arrived after the request head; now the input's
   * @param charge the connection's share of the memory account
   */
  constructor(
    socket: Socket,
    rest: Uint8Array<ArrayBuffer>,
    charge: MemoryCharge,
  ) {
    this.#socket = socket;
    this.#rest = rest;
    this.#held = new BufferCharge(charge);
  }

  /** Whether the client has ended its output. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether a read is under way. */
  get isReading(): boolean {
    return this.#buffer !== undefined;
  }

  /**
   * Reads; see `Wire.read`.
   *
   * @param maxBytes maximum number of bytes
   */
  read(maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(maxBytes >= 1)) {
      return Promise.reject(new RangeError(`cannot read ${maxBytes} bytes`));
    }
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.#reading !== undefined) {
      return Promise.reject(new TypeError("a read is under way"));
    }
    if (this.#rest.length > 0) return Promise.resolve(this.#take(maxBytes));
    if (this.#hasEnded) return Promise.resolve(undefined);
    const reading = {
      ...Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>(),
      maxBytes,
    };
    reading.promise.catch(() => {});
    this.#reading = reading;
    this.#proceed();
    return reading.promise;
  }

  /** Reads nothing until {@linkcode WireInput.release}; each call needs one. */
  hold(): void {
    this.#holds++;
  }

  /** Ends a {@linkcode WireInput.hold}. */
  release(): void {
    this.#holds--;
    this.#proceed();
  }

  /** Fails the handler's reads, now and later. */
  close(): void {
    this.#isClosed = true;
    this.#rest = NOTHING;
    const reading = this.#reading;
    this.#reading = undefined;
    reading?.reject(closedError());
  }

  /** Reads on, and drops the bytes, until the client ends its output. */
  discard(): void {
    this.#discards = true;
    this.#size = MIN_BUFFER;
    this.#proceed();
  }

  /** Resolves when no read is under way; a discarded input is never idle. */
  idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#buffer === undefined) resolve();
    else this.#becameIdle = resolve;
    return promise;
  }

  // The connection passes the events of its socket on.

  /**
   * A read has ended with bytes.
   *
   * @param count how many
   */
  arrived(count: number): void {
    const reading = this.#reading;
    this.#reading = undefined;
    const bytes = reading && this.#buffer!.view.slice(0, count);
    if (count === this.#room) {
      this.#size = Math.min(this.#size * 2, MAX_READ);
    } else if (count * 4 < this.#size) {
      this.#size = Math.max(this.#size / 2, MIN_BUFFER);
    }
    this.#giveBuffer();
    reading?.resolve(bytes);
    if (this.#discards) yieldToOthers(() => this.#proceed());
  }

  /** The client has ended its output. */
  ended(): void {
    this.#hasEnded = true;
    const reading = this.#reading;
    this.#reading = undefined;
    this.#giveBuffer();
    reading?.resolve(undefined);
  }

  /** The read has failed. */
  failed(): void {
    this.#discards = false;
    this.#giveBuffer();
    this.close();
  }

  /** Ends a {@linkcode WireInput.discard}; the socket is closed. */
  stop(): void {
    this.#discards = false;
    this.close();
  }

  #take(maxBytes: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#rest.slice(0, maxBytes);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  #proceed(): void {
    if (this.#buffer !== undefined || this.#hasEnded) return;
    if (!this.#discards && (this.#holds > 0 || this.#reading === undefined)) {
      return;
    }
    const buffer = bufferPool.take(this.#size);
    this.#buffer = buffer;
    this.#room = Math.min(buffer.size, this.#reading?.maxBytes ?? MAX_READ);
    this.#held.set(buffer.size);
    this.#socket.read(buffer.view.subarray(0, this.#room));
  }

  #giveBuffer(): void {
    if (this.#buffer !== undefined) bufferPool.give(this.#buffer);
    this.#buffer = undefined;
    this.#held.set(0);
    this.#becameIdle?.();
    this.#becameIdle = undefined;
  }
}

const NOTHING = new Uint8Array(0);

function closedError(): ConnectionClosedError {
  return new ConnectionClosedError("the connection is over");
}
