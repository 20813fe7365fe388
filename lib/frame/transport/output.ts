/**
 * The output of one connection: a run of complete frames in the receive buffer,
 * followed by a queue of chunks into which frames were copied.
 *
 * @module
 */

import type { SettleFlush } from "../../listener/flush.ts";
import type { BufferCharge } from "../../memory/buffer_charge.ts";
import { headerSize, writeHeader } from "../codec/header.ts";

/** Bytes of a new chunk. */
const FIRST_CHUNK = 256;

/** Maximum bytes of a chunk. A payload of at least this length is a separate chunk. */
export const MAX_CHUNK = 64 * 1024;

const NOTHING = new Uint8Array(0);

/** Makes frames at the time of their write. */
export interface FrameSource {
  /** Approximate bytes that are not made yet; at least 1 until the last frame. */
  readonly length: number;
  /** Whether {@linkcode FrameSource.next} has made the last frame. */
  readonly isDone: boolean;
  /** Makes the next frames; the bytes are the caller's. */
  next(): Uint8Array<ArrayBuffer>;
}

/** A place in the queue that reports when everything in front of it is written. */
class Mark {
  readonly length = 0;
  readonly settle: SettleFlush;

  constructor(settle: SettleFlush) {
    this.settle = settle;
  }
}

type Chunk = Uint8Array<ArrayBuffer> | FrameSource | Mark;

/** Collects frames, and gives them in the order of the calls. */
export class Output {
  readonly #held: BufferCharge | undefined;
  /** The run in the receive buffer, ahead of the queue. */
  #runStart = 0;
  #runEnd = 0;
  #lastRun: Uint8Array<ArrayBuffer> = NOTHING;
  /** Chunks in front of the current one. */
  #chunks: Chunk[] | undefined;
  /** The chunk that is being filled. */
  #chunk: Uint8Array<ArrayBuffer> = NOTHING;
  /** Filled bytes of the current chunk. */
  #filled = 0;
  /** Bytes of all chunks, the current one included. */
  #queued = 0;
  /** Sources among the chunks. */
  #sources = 0;
  /** Marks among the chunks. */
  #marks = 0;
  /** Bytes that were taken and are not written. */
  #taken = 0;

  /**
   * Starts empty.
   *
   * @param held charges the bytes that are held
   */
  constructor(held?: BufferCharge) {
    this.#held = held;
  }

  /** Bytes that are not written. */
  get length(): number {
    return this.#runEnd - this.#runStart + this.#queued + this.#taken;
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return this.#runEnd === this.#runStart && this.#queued === 0;
  }

  /** Whether the queue has frames that are not made yet. */
  get hasSources(): boolean {
    return this.#sources > 0;
  }

  /**
   * Makes a frame of a payload in the receive buffer by writing a header in front
   * of it, if the frame begins a run or lies directly after the current one.
   *
   * @param bytes the receive buffer
   * @param first the header's first byte
   * @param start the payload's first byte
   * @param end the byte after it
   * @returns false if that is not possible; nothing is changed then
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
   * Copies the run to the queue, so that one write takes it and the next frames.
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
    if (length >= MAX_CHUNK) return this.appendOwned(first, payload.slice());
    this.#reserve(headerSize(length) + length);
    const at = writeHeader(this.#chunk, this.#filled, first, length);
    this.#chunk.set(payload, at);
    this.#fill(at + length);
  }

  /**
   * Queues a frame, without a copy where the payload is long.
   *
   * @param first the header's first byte
   * @param payload belongs to the output from now on
   */
  appendOwned(first: number, payload: Uint8Array): void {
    const { length } = payload;
    if (length < MAX_CHUNK) return this.append(first, payload);
    this.#reserve(headerSize(length));
    this.#fill(writeHeader(this.#chunk, this.#filled, first, length));
    this.#push(payload as Uint8Array<ArrayBuffer>);
  }

  /**
   * Queues frames that are made when all output before them is written.
   *
   * @param source makes them
   */
  appendSource(source: FrameSource): void {
    this.#sources++;
    this.#push(source);
  }

  /**
   * Reports when all output up to now is written.
   *
   * @param settle called once: at once if there is no output, with false if the output
   * is dropped
   */
  flush(settle: SettleFlush): void {
    if (this.length === 0) return settle(true);
    this.#marks++;
    this.#push(new Mark(settle));
  }

  /**
   * Queues the response to the handshake; the first call.
   *
   * @param bytes belong to the output from now on
   */
  begin(bytes: Uint8Array<ArrayBuffer>): void {
    this.#chunk = bytes;
    this.#fill(bytes.length);
  }

  /**
   * Queues whole frames.
   *
   * @param bytes are copied
   */
  appendRaw(bytes: Uint8Array): void {
    if (bytes.length >= MAX_CHUNK) {
      this.#push(bytes.slice());
      return;
    }
    this.#reserve(bytes.length);
    this.#chunk.set(bytes, this.#filled);
    this.#fill(this.#filled + bytes.length);
  }

  /**
   * Takes the bytes of the next write; {@linkcode Output.wrote} follows.
   *
   * @param bytes the receive buffer
   */
  take(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const taken = this.#next(bytes);
    this.#taken = taken.length;
    return taken;
  }

  /**
   * Counts bytes of the current write that are written.
   *
   * @param count bytes
   */
  wrote(count: number): void {
    this.#taken -= count;
    if (this.#taken > 0) return;
    if (this.#marks > 0 && this.#runStart === this.#runEnd) this.#settleMarks();
    this.#account();
  }

  /** Drops all output. */
  clear(): void {
    for (const chunk of this.#marks > 0 ? this.#chunks! : []) {
      if (chunk instanceof Mark) chunk.settle(false);
    }
    this.#runStart =
      this.#runEnd =
      this.#filled =
      this.#queued =
      this.#sources =
      this.#marks =
      this.#taken =
        0;
    this.#chunks = undefined;
    this.#chunk = NOTHING;
    this.#account();
  }

  #next(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#runEnd > this.#runStart) {
      const run = this.#runView(bytes);
      this.#runStart = this.#runEnd = 0;
      return run;
    }
    const chunk = this.#chunks?.[0];
    if (chunk === undefined) {
      const filled = this.#chunk.subarray(0, this.#filled);
      this.#chunk = NOTHING;
      this.#filled = 0;
      this.#queued = 0;
      return filled;
    }
    this.#queued -= chunk.length;
    if (chunk instanceof Uint8Array) {
      this.#shift();
      return chunk;
    }
    // Marks are removed by `wrote`, before the next chunk is taken.
    if (chunk instanceof Mark) throw new Error("a mark is no output");
    const frame = chunk.next();
    this.#queued += chunk.length;
    if (chunk.isDone) {
      this.#queued -= chunk.length;
      this.#sources--;
      this.#shift();
    }
    return frame;
  }

  /** Reports the marks at the front of the queue. */
  #settleMarks(): void {
    let chunk: Chunk | undefined;
    while ((chunk = this.#chunks?.[0]) instanceof Mark) {
      this.#marks--;
      this.#shift();
      chunk.settle(true);
    }
  }

  #shift(): void {
    this.#chunks!.shift();
    if (this.#chunks!.length === 0) this.#chunks = undefined;
  }

  /**
   * The run's bytes. Echoes of one size are at the same place, so the last view often
   * fits.
   */
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

  #fill(end: number): void {
    this.#queued += end - this.#filled;
    this.#filled = end;
  }

  /** Puts a chunk after the current one. */
  #push(chunk: Chunk): void {
    this.#chunks ??= [];
    if (this.#filled > 0) this.#pushFilled(this.#chunks);
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    this.#account();
  }

  #pushFilled(chunks: Chunk[]): void {
    chunks.push(this.#chunk.subarray(0, this.#filled));
    this.#chunk = NOTHING;
    this.#filled = 0;
  }

  #reserve(more: number): void {
    const needed = this.#filled + more;
    if (needed <= this.#chunk.length) return;
    if (needed > MAX_CHUNK && this.#filled > 0) {
      this.#pushFilled(this.#chunks ??= []);
      return this.#reserve(more);
    }
    const size = Math.min(2 * this.#chunk.length, MAX_CHUNK);
    const grown = new Uint8Array(Math.max(needed, size, FIRST_CHUNK));
    grown.set(this.#chunk.subarray(0, this.#filled));
    this.#chunk = grown;
    this.#account();
  }

  #account(): void {
    const free = this.#chunk.length - this.#filled;
    this.#held?.set(this.#queued + free + this.#taken);
  }
}
