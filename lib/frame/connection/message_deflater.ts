/**
 * Deflates the messages that a connection sends
 * ({@link https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1 | RFC 7692 §7.2.1}).
 *
 * zlib's memory is taken at the first message and held until the close or, where
 * every message starts with an empty window, for the length of a message.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import { copied } from "../../memory/resize.ts";
import type { ZlibStream } from "../../runtime/zlib_stream.ts";
import { deflaters, type WindowUse } from "./zlib_pool.ts";

/** Bytes at the end of a flushed message that are not sent (RFC 7692 §7.2.1). */
const TAIL_LENGTH = 4;

/** An empty block without its tail (RFC 7692 §7.2.3.6). */
const EMPTY_BLOCK = Uint8Array.of(0x00);

const NOTHING = new Uint8Array(0);

/** Bytes of the buffer that all connections share, one at a time. */
const SHARED_SIZE = 256 * 1024;

/** Bytes up to which the shared buffer stays as large as it has grown. */
const MAX_SHARED = 2 * 2 ** 20;

/** The fragment that was deflated last. */
let deflated = new Uint8Array(SHARED_SIZE);

/** Deflates the messages of one connection. */
export class MessageDeflater {
  readonly #use: WindowUse;
  readonly #charge: MemoryCharge | undefined;
  #stream: ZlibStream | undefined;

  /**
   * Makes a deflater that holds no memory yet.
   *
   * @param use the server's use of its window
   * @param charge the connection's share of the memory account
   */
  constructor(use: WindowUse, charge?: MemoryCharge) {
    this.#use = use;
    this.#charge = charge;
  }

  /**
   * Deflates the next fragment, or a whole message.
   *
   * @param payload its bytes
   * @param final whether the message ends with it
   * @returns the payload to send; valid until the next call of any deflater
   */
  deflate(payload: Uint8Array, final: boolean): Uint8Array {
    const stream = this.#stream ??= this.#take();
    let output = deflated;
    let start = 0;
    let length = 0;
    for (;;) {
      stream.run(payload, start, payload.length, output, length, output.length);
      length = output.length - stream.outputLeft;
      if (stream.outputLeft > 0) break;
      start = payload.length - stream.inputLeft;
      output = copied(output, length, 2 * length);
      if (output.length <= MAX_SHARED) deflated = output;
    }
    if (final && this.#use.noContextTakeover) this.free();
    // Where nothing is left to flush, zlib writes nothing.
    if (length === 0) return final ? EMPTY_BLOCK : NOTHING;
    return output.subarray(0, final ? length - TAIL_LENGTH : length);
  }

  /** Gives zlib's memory back. */
  free(): void {
    if (this.#stream === undefined) return;
    this.#charge?.add(-deflaters.size(this.#use));
    deflaters.give(this.#use, this.#stream);
    this.#stream = undefined;
  }

  #take(): ZlibStream {
    this.#charge?.add(deflaters.size(this.#use));
    return deflaters.take(this.#use);
  }
}
