/**
 * Synchronous raw deflate and inflate (RFC 1951) that keep their window between
 * calls.
 *
 * The documented interface of `node:zlib` has no such thing: its streams give their
 * output later, which would delay or reorder messages, and its `…Sync` functions
 * start with an empty window each time. So this module calls `writeSync` of the
 * streams' handle, as the package `pngjs` does. {@linkcode zlibStreamsWork} tells
 * whether the runtime has it. Seen in Deno 2.9.6.
 *
 * @module
 */

import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from "node:zlib";

/** The undocumented part of `node:zlib` that is used here. */
interface Handle {
  /** Runs zlib, and writes its progress to `_writeState`. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputStart: number,
    inputLength: number,
    output: Uint8Array,
    outputStart: number,
    outputLength: number,
  ): void;
  /** Empties the window. */
  reset(): void;
  /** Called where the input is invalid. */
  onerror: (message: string) => void;
}

interface Inside {
  readonly _handle: Handle;
  /** Free bytes of the output, and unread bytes of the input. */
  readonly _writeState: Uint32Array;
}

/**
 * The compression level. For 64 KiB of JSON, level 3 gives 3 % more output than
 * zlib's default of 6, in half the time.
 */
const LEVEL = 3;

const { Z_SYNC_FLUSH, Z_BLOCK } = constants;

/** Bytes of the streams' own output buffer, which is not used: the minimum. */
const CHUNK = constants.Z_MIN_CHUNK;

/**
 * Bits of zlib's smallest window. For 8 bits it uses 9; an inflater with 8 bits can
 * read the output, as no distance in it is above 2^9 - 262.
 */
const MIN_WINDOW_BITS = 9;

/** The end of an empty stored block, and the first byte of another one. */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);

const NOWHERE = new Uint8Array(1);

/** A deflater or inflater; {@linkcode ZlibStream.close} frees its memory. */
export class ZlibStream {
  /** Unread bytes of the last input. */
  inputLeft = 0;
  /** Free bytes of the last output. */
  outputLeft = 0;

  readonly #stream: DeflateRaw | InflateRaw;
  readonly #handle: Handle;
  readonly #state: Uint32Array;
  #failed = false;

  private constructor(stream: DeflateRaw | InflateRaw) {
    const inside = stream as unknown as Inside;
    this.#stream = stream;
    this.#handle = inside._handle;
    this.#state = inside._writeState;
    this.#handle.onerror = () => {
      this.#failed = true;
    };
  }

  /**
   * Makes a deflater.
   *
   * @param windowBits base-2 logarithm of the window, 8 to 15
   */
  static deflater(windowBits: number): ZlibStream {
    return new ZlibStream(createDeflateRaw({
      level: LEVEL,
      windowBits: Math.max(windowBits, MIN_WINDOW_BITS),
      chunkSize: CHUNK,
    }));
  }

  /**
   * Makes an inflater.
   *
   * @param windowBits base-2 logarithm of the window, 8 to 15
   */
  static inflater(windowBits: number): ZlibStream {
    return new ZlibStream(createInflateRaw({
      windowBits: Math.max(windowBits, MIN_WINDOW_BITS),
      chunkSize: CHUNK,
    }));
  }

  /**
   * Compresses or inflates until the input, the output or the deflated data ends,
   * and sets {@linkcode ZlibStream.inputLeft} and {@linkcode ZlibStream.outputLeft}.
   * A deflater ends its output at a byte boundary (Z_SYNC_FLUSH).
   *
   * @param input holds the input
   * @param start offset of the first input byte
   * @param end offset after the last input byte
   * @param output takes the output
   * @param at offset of the first free byte
   * @param limit offset after the last free byte
   * @returns false where the input is invalid
   */
  run(
    input: Uint8Array,
    start: number,
    end: number,
    output: Uint8Array,
    at: number,
    limit: number,
  ): boolean {
    this.#handle.writeSync(
      Z_SYNC_FLUSH,
      input,
      start,
      end - start,
      output,
      at,
      limit - at,
    );
    this.outputLeft = this.#state[0]!;
    this.inputLeft = this.#state[1]!;
    return !this.#failed;
  }

  /**
   * Ends a message: gives the inflater the four bytes that the sender leaves out
   * (RFC 7692 §7.2.2), and one more. The inflater stops at the end of a block. It
   * leaves one byte where the message was complete, and five where the last block
   * had ended before (RFC 7692 §7.2.3.5).
   *
   * @returns false where the message was incomplete
   */
  endMessage(): boolean {
    this.#handle.writeSync(Z_BLOCK, TAIL, 0, TAIL.length, NOWHERE, 0, 1);
    const left = this.#state[1];
    return !this.#failed && (left === 1 || left === TAIL.length);
  }

  /** Empties the window and forgets a failure. */
  reset(): void {
    this.#failed = false;
    this.#handle.reset();
  }

  /** Frees the memory. */
  close(): void {
    this.#stream.close();
  }
}

let works: boolean | undefined;

/** Whether {@linkcode ZlibStream} works in this runtime; tried once. */
export function zlibStreamsWork(): boolean {
  return works ??= tryOut();
}

/** Tries two messages, the second with the window of the first, and invalid input. */
function tryOut(): boolean {
  const text = Uint8Array.from({ length: 300 }, (_, i) => (i * i) >> 3);
  const wire = new Uint8Array(1000);
  const back = new Uint8Array(1000);
  try {
    const deflater = ZlibStream.deflater(15);
    const inflater = ZlibStream.inflater(15);
    const sizes = [0, 1].map(() => {
      deflater.run(text, 0, text.length, wire, 0, wire.length);
      const size = wire.length - deflater.outputLeft - 4;
      const fine = inflater.run(wire, 0, size, back, 0, back.length);
      const length = back.length - inflater.outputLeft;
      const same = length === text.length &&
        text.every((b, i) => back[i] === b);
      const whole = inflater.endMessage();
      return fine && same && whole ? size : NaN;
    });
    const corrupt = Uint8Array.of(0xff, 0xff);
    const noticed = !inflater.run(corrupt, 0, 2, back, 0, back.length);
    deflater.close();
    inflater.close();
    return noticed && sizes[1]! < sizes[0]! / 4;
  } catch {
    return false;
  }
}
