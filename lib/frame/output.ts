/**
 * What is to be written to a peer: frames that lie ready in the receive buffer,
 * and frames that were copied into a queue.
 *
 * @module
 */

import { headerSize, writeHeader } from "./header.ts";

/** Bytes of a queue's first buffer. */
const QUEUE_SIZE = 256;

const NOTHING = new Uint8Array(0);

/** The output of one connection, in the order of the calls. */
export class Output {
  /** The run of frames in the receive buffer, ahead of the queue. */
  #runStart = 0;
  #runEnd = 0;
  #lastRun: Uint8Array<ArrayBuffer> = NOTHING;
  #queue: Uint8Array<ArrayBuffer> = NOTHING;
  #queued = 0;
  /** Bytes that were taken and are not known to be written. */
  #taken = 0;

  /** Bytes that have not been written. */
  get length(): number {
    return this.#runEnd - this.#runStart + this.#queued + this.#taken;
  }

  /** Whether there is anything to take. */
  get isEmpty(): boolean {
    return this.#runEnd === this.#runStart && this.#queued === 0;
  }

  /** The byte behind the run, or -1 where there is none. */
  get runEnd(): number {
    return this.#runEnd === this.#runStart ? -1 : this.#runEnd;
  }

  /**
   * Makes a frame of a payload in the receive buffer by writing a header in
   * front of it. That works where the frame joins the run, or is its first.
   *
   * @param bytes the receive buffer
   * @param first the header's first byte
   * @param start the payload's first byte
   * @param end the byte behind it
   * @returns false when nothing was done
   */
  extendRun(
    bytes: Uint8Array,
    first: number,
    start: number,
    end: number,
  ): boolean {
    if (this.#queued > 0) return false;
    const length = end - start;
    const header = start - headerSize(length);
    if (this.#runStart === this.#runEnd) this.#runStart = header;
    else if (header !== this.#runEnd) return false;
    writeHeader(bytes, header, first, length);
    this.#runEnd = end;
    return true;
  }

  /**
   * Moves the run to the queue, so that what follows is written with it at once.
   *
   * @param bytes the receive buffer
   */
  spillRun(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#runStart === this.#runEnd) return;
    this.appendRaw(this.#runView(bytes));
    this.#runStart = this.#runEnd = 0;
  }

  /**
   * Queues a frame.
   *
   * @param first the header's first byte
   * @param payload is copied
   */
  append(first: number, payload: Uint8Array): void {
    const { length } = payload;
    this.#reserve(headerSize(length) + length);
    const at = writeHeader(this.#queue, this.#queued, first, length);
    this.#queue.set(payload, at);
    this.#queued = at + length;
  }

  /**
   * Begins with bytes that are no frame: the response to the handshake.
   *
   * @param bytes the output's own from now on
   */
  begin(bytes: Uint8Array<ArrayBuffer>): void {
    this.#queue = bytes;
    this.#queued = bytes.length;
  }

  /**
   * Queues bytes that are whole frames already.
   *
   * @param bytes are copied
   */
  appendRaw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#queue.set(bytes, this.#queued);
    this.#queued += bytes.length;
  }

  /**
   * Takes what is to be written next; the taker says when it is.
   *
   * @param bytes the receive buffer
   */
  take(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#runEnd > this.#runStart) {
      const run = this.#runView(bytes);
      this.#runStart = this.#runEnd = 0;
      this.#taken = run.length;
      return run;
    }
    const queued = this.#queue.subarray(0, this.#queued);
    this.#queue = NOTHING;
    this.#queued = 0;
    this.#taken = queued.length;
    return queued;
  }

  /**
   * Notes that some of what was taken is written.
   *
   * @param count bytes
   */
  wrote(count: number): void {
    this.#taken -= count;
  }

  /** Forgets everything. */
  clear(): void {
    this.#runStart =
      this.#runEnd =
      this.#queued =
      this.#taken =
        0;
    this.#queue = NOTHING;
  }

  /** The run's bytes. Echoes of one size lie in one place, so the last view often fits. */
  #runView(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const last = this.#lastRun;
    if (
      last.byteOffset === this.#runStart && last.buffer === bytes.buffer &&
      last.length === this.#runEnd - this.#runStart
    ) {
      return last;
    }
    return this.#lastRun = bytes.subarray(this.#runStart, this.#runEnd);
  }

  #reserve(more: number): void {
    const needed = this.#queued + more;
    if (needed <= this.#queue.length) return;
    const grown = new Uint8Array(
      Math.max(needed, this.#queue.length * 2, QUEUE_SIZE),
    );
    grown.set(this.#queue.subarray(0, this.#queued));
    this.#queue = grown;
  }
}
