/**
 * The small chunks of a body that the runtime may have read ahead.
 *
 * While the event loop runs, the runtime reads 64 KiB or more from a client, and the next
 * chunks come from there at once (seen in Deno 2.9.6). To take a small chunk from there,
 * or to drop it, the runtime moves the rest: that takes seconds for a megabyte of small
 * chunks. So a body is read without a yield, and may have few small chunks at a time.
 * Where a read has to wait, nothing is left.
 *
 * @module
 */

import process from "node:process";
import { RefusedError } from "../protocol/http_error.ts";

/** Bytes of a chunk that is not small. */
const SMALL = 1024;

/** Small chunks that are there at once, at most; some two milliseconds. */
const MAX_CHUNKS = 256;

/** Counts the small chunks of one body. */
export class SmallChunks {
  #chunks = 0;
  #isReading = false;
  #isWatching = false;
  #hasWaited = false;

  /** Whether small chunks may be left, so that the runtime should not drop the rest. */
  get isLong(): boolean {
    return this.#chunks > 1;
  }

  /** A read begins. */
  begin(): void {
    this.#isReading = true;
    if (this.#isWatching) return;
    this.#isWatching = true;
    // Runs when no promise job is left, so the read waits.
    process.nextTick(() => {
      this.#isWatching = false;
      this.#hasWaited ||= this.#isReading;
    });
  }

  /**
   * A read ends.
   *
   * @param bytes of its chunk
   * @throws {RefusedError} 413, there are too many small chunks
   */
  end(bytes: number): void {
    this.#isReading = false;
    if (this.#hasWaited) this.#chunks = 0;
    this.#hasWaited = false;
    if (bytes < SMALL && ++this.#chunks > MAX_CHUNKS) {
      throw new RefusedError(TOO_MANY);
    }
  }
}

const TOO_MANY = {
  status: 413,
  message:
    `More than ${MAX_CHUNKS} chunks at a time have less than ${SMALL} bytes.`,
};
