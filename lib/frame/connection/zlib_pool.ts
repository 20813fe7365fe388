/**
 * zlib streams on loan, for messages that start with an empty window.
 *
 * @module
 */

import { ZlibStream } from "../../runtime/zlib_stream.ts";

/** Window bits where the agreement names none (RFC 7692 §7.1.2). */
const MAX_WINDOW_BITS = 15;

/** Idle streams that are kept, for each window size. */
const MAX_IDLE = 4;

/** The use of the LZ77 window by one side of a connection (RFC 7692 §7.1). */
export interface WindowUse {
  /** Base-2 logarithm of the window; `undefined`: 15. */
  readonly maxWindowBits: number | undefined;
  /** Whether every message starts with an empty window. */
  readonly noContextTakeover: boolean;
}

/** Lends zlib streams of one kind. */
export class ZlibPool {
  readonly #make: (windowBits: number) => ZlibStream;
  readonly #size: (windowBits: number) => number;
  readonly #idle: ZlibStream[][] = [];

  /**
   * Makes an empty pool.
   *
   * @param make makes a stream
   * @param size bytes of memory that a stream takes
   */
  constructor(
    make: (windowBits: number) => ZlibStream,
    size: (windowBits: number) => number,
  ) {
    this.#make = make;
    this.#size = size;
  }

  /**
   * Lends a stream with an empty window.
   *
   * @param use the agreement
   */
  take(use: WindowUse): ZlibStream {
    const windowBits = use.maxWindowBits ?? MAX_WINDOW_BITS;
    return this.#idle[windowBits]?.pop() ?? this.#make(windowBits);
  }

  /**
   * Takes a stream back. It is kept if its messages need no window, else closed.
   *
   * @param use the agreement
   * @param stream the stream
   */
  give(use: WindowUse, stream: ZlibStream): void {
    const windowBits = use.maxWindowBits ?? MAX_WINDOW_BITS;
    const idle = this.#idle[windowBits] ??= [];
    if (!use.noContextTakeover || idle.length >= MAX_IDLE) {
      return stream.close();
    }
    stream.reset();
    idle.push(stream);
  }

  /**
   * Bytes of memory that a stream takes.
   *
   * @param use the agreement
   */
  size(use: WindowUse): number {
    return this.#size(use.maxWindowBits ?? MAX_WINDOW_BITS);
  }
}

/** Deflates; the sizes are those of zlib's zconf.h, with the default memLevel of 8. */
export const deflaters: ZlibPool = new ZlibPool(
  ZlibStream.deflater,
  (windowBits) => 2 ** (windowBits + 2) + 2 ** 17,
);

/** Inflates. */
export const inflaters: ZlibPool = new ZlibPool(
  ZlibStream.inflater,
  (windowBits) => 2 ** windowBits + 7 * 1024,
);
