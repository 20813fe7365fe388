/**
 * Reads a taken-over connection ahead of the code that handles its bytes, so that the
 * client's end is noticed while a plan does not read.
 *
 * @module
 */

import { ARRAY_BYTES } from "../../../lib/memory/array_bytes.ts";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import type { Wire } from "../../../lib/wire.ts";

/** Bytes that wait before the client is read from no more. */
const MAX_AHEAD = 262_144;

/** Bytes of a read at most. */
const READ_SIZE = 65_536;

/**
 * Milliseconds that a read waits for the handling of the bytes before it. A client's FIN
 * after its CLOSE is read after the answer, unless the plan does not read.
 */
const LAG = 100;

/** Milliseconds without room between two calls of `onFull`. */
const FULL_PERIOD = 2000;

/** Options of {@linkcode ReadAhead}. */
export interface ReadAheadOptions {
  /** The connection. */
  readonly wire: Wire;
  /** Called with the change of the memory that waits, in bytes. */
  readonly charge: (bytes: number) => void;
  /** Called every two seconds while there is no room: the client's end is not noticed. */
  readonly onFull: () => void;
}

/** The bytes that wait, in the order of their reads. */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  #hasEnded = false;
  /** Called when there are bytes, or none will come. */
  #arrived: (() => void) | undefined;
  /** Called when all bytes are handled, or no more will be. */
  #wanted: (() => void) | undefined;
  /** Called when there is room, or none is needed. */
  #makeRoom: (() => void) | undefined;

  /**
   * Makes an empty queue.
   *
   * @param options the connection
   */
  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  /** Reads until the client ends its output, or the connection has ended. */
  async run(): Promise<void> {
    try {
      while (!this.#hasEnded) await this.#readOnce();
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) throw error;
    } finally {
      this.#end();
    }
  }

  /**
   * Waits for the next bytes; one call at a time.
   *
   * @returns at most 64 KiB; `undefined` after the last bytes
   */
  async take(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#chunks.length === 0 && !this.#hasEnded) {
      this.#wanted?.();
      await new Promise<void>((resolve) => this.#arrived = resolve);
    }
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#change(-chunk.length - ARRAY_BYTES);
    if (this.#bytes < MAX_AHEAD) this.#makeRoom?.();
    return chunk;
  }

  /** Drops what waits: the connection has ended. */
  stop(): void {
    this.#chunks.length = 0;
    this.#change(-this.#bytes);
    this.#end();
  }

  async #readOnce(): Promise<void> {
    const bytes = await this.#options.wire.read(READ_SIZE);
    if (bytes === undefined) return this.#end();
    if (this.#hasEnded) return;
    this.#chunks.push(bytes);
    this.#change(bytes.length + ARRAY_BYTES);
    this.#arrived?.();
    await this.#handled();
    if (this.#bytes >= MAX_AHEAD) await this.#room();
  }

  #handled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAG);
    this.#wanted = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }

  #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setInterval(this.#options.onFull, FULL_PERIOD);
    this.#makeRoom = () => {
      clearInterval(timer);
      resolve();
    };
    return promise;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#arrived?.();
    this.#wanted?.();
    this.#makeRoom?.();
  }

  #change(bytes: number): void {
    this.#bytes += bytes;
    this.#options.charge(bytes);
  }
}
