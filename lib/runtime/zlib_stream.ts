/**
 * Raw deflate and inflate (RFC 1951) that keep their window from call to call
 * and do their work within the call.
 *
 * `node:zlib` has that below its streams only: its streams answer later, which
 * would put messages out of order or on hold, and its `…Sync` functions forget
 * the window. So this module drives the streams' handle, `_handle.writeSync`, as
 * others do (pngjs, for one), and is the only one that knows of it.
 * {@linkcode zlibStreamsWork} tries it out, lest a runtime without it promise
 * what it cannot keep.
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

/** What `node:zlib` does not document, as far as it is used. */
interface Handle {
  /** Runs zlib; its progress is in `_writeState` afterwards. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputStart: number,
    inputLength: number,
    output: Uint8Array,
    outputStart: number,
    outputLength: number,
  ): void;
  /** Starts anew, with an empty window. */
  reset(): void;
  /** Called where zlib finds a fault. */
  onerror: (message: string) => void;
}

interface Inside {
  readonly _handle: Handle;
  /** Bytes of the output that are free, and of the input that are left. */
  readonly _writeState: Uint32Array;
}

/**
 * How hard to look for repetitions. Of 64 KiB of JSON level 3 leaves 3 % more
 * than zlib's usual 6, in half the time.
 */
const LEVEL = 3;

const { Z_SYNC_FLUSH, Z_BLOCK } = constants;

/** Bytes of the streams' own output buffer, which is not used: the fewest. */
const CHUNK = constants.Z_MIN_CHUNK;

/**
 * zlib's smallest window. Asked for 8 bits it takes 9; what it then compresses
 * can be read with a window of 8, as no distance in it is above 2^9 - 262.
 */
const MIN_WINDOW_BITS = 9;

/** The end of an empty block without compression, and the start of another. */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);

const NOWHERE = new Uint8Array(1);

/** A deflater or inflater; {@linkcode ZlibStream.close} frees its memory. */
export class ZlibStream {
  /** Bytes of the last input that were not used. */
  inputLeft = 0;
  /** Bytes of the last output that were not written to. */
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
   * Turns input into output until either ends, or the deflated data does; then
   * {@linkcode ZlibStream.inputLeft} and {@linkcode ZlibStream.outputLeft} say
   * how far it came. A deflater ends its output at a byte (Z_SYNC_FLUSH).
   *
   * @param input where the input is
   * @param start its first byte
   * @param end the byte behind its last
   * @param output where the output goes
   * @param at its first free byte
   * @param limit the byte behind its last free one
   * @returns false where the input is no deflated data
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
   * Gives an inflater the four bytes that the sender has left out at the end of
   * its message (RFC 7692 §7.2.2), and one more. An inflater that is told to stop
   * where a block ends leaves that one where the message was whole, and all five
   * where it had ended before (as the blocks of §7.2.3.5 may).
   *
   * @returns false where the message was cut off
   */
  endMessage(): boolean {
    this.#handle.writeSync(Z_BLOCK, TAIL, 0, TAIL.length, NOWHERE, 0, 1);
    const left = this.#state[1];
    return !this.#failed && (left === 1 || left === TAIL.length);
  }

  /** Starts anew, with an empty window. */
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

/** Whether this runtime has what {@linkcode ZlibStream} is made of; tried once. */
export function zlibStreamsWork(): boolean {
  return works ??= tryOut();
}

/** Two messages there and back, the second one in terms of the first, and a fault. */
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
