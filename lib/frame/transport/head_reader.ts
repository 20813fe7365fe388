/**
 * Reads a request head from a socket.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { HttpError } from "../../protocol/http_error.ts";
import { ARENA, type Memory } from "../codec/memory.ts";
import { findHeadEnd, MAX_HEAD } from "../codec/request_head.ts";
import { bufferPool, type ReceiveBuffer } from "./buffer_pool.ts";
import { NO_USER, type Socket, type SocketUser } from "./socket.ts";

/** Bytes of the first buffer: most heads fit. */
export const HEAD_BUFFER = 512;

/** A request head. */
export interface ReadHead {
  /** Distinguishes the outcomes. */
  readonly kind: "head";
  /** The head as Latin-1 text. */
  readonly text: string;
  /** Contains the bytes after the head; now the caller's. */
  readonly buffer: ReceiveBuffer;
  /** The first of those bytes. */
  readonly start: number;
  /** The byte after the last of them. */
  readonly end: number;
}

/** The outcome of {@linkcode HeadReader.read}. */
export type HeadRead =
  | ReadHead
  | {
    readonly kind: "refused";
    /** Why there is no head. */
    readonly error: HttpError;
    /** Now the caller's; the socket may be reading into it. */
    readonly buffer: ReceiveBuffer;
  }
  | {
    /** The client disconnected, or the socket was closed. */
    readonly kind: "closed";
  };

/** Reads up to the empty line. */
export class HeadReader implements SocketUser {
  readonly #socket: Socket;
  readonly #result = Promise.withResolvers<HeadRead>();
  #buffer: ReceiveBuffer = bufferPool.take(HEAD_BUFFER);
  #length = 0;

  /**
   * Makes a reader.
   *
   * @param socket a new socket
   */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Reads; to be called once. */
  read(): Promise<HeadRead> {
    this.#socket.user = this;
    this.#socket.read(this.#buffer.view);
    return this.#result.promise;
  }

  /**
   * Ends the reading before the head is complete.
   *
   * @param error the refusal that the result gets
   */
  stop(error: HttpError): void {
    this.#settle({ kind: "refused", error, buffer: this.#buffer });
  }

  /**
   * Looks for the end of the head in the bytes that arrived.
   *
   * @param count how many
   */
  arrived(count: number): void {
    const { view, offset, size } = this.#buffer;
    const before = this.#length;
    this.#length += count;
    const headEnd = findHeadEnd(view, before, this.#length);
    if (headEnd >= 0) {
      const buffer = this.#buffer;
      const start = offset + headEnd;
      const text = latin1(buffer.memory, offset, start);
      const end = offset + this.#length;
      this.#settle({ kind: "head", text, buffer, start, end });
    } else if (this.#length >= MAX_HEAD) {
      const message = `The request head exceeds ${MAX_HEAD} bytes.`;
      this.stop({ status: 431, message });
    } else {
      if (this.#length === size) this.#buffer = larger(this.#buffer);
      this.#socket.read(this.#buffer.view.subarray(this.#length));
    }
  }

  /** The client ended its output before the head was complete. */
  readEnded(): void {
    bufferPool.give(this.#buffer);
    this.#settle({ kind: "closed" });
  }

  /** The connection broke, or the socket was closed. */
  readFailed(): void {
    this.readEnded();
  }

  /** Does nothing: a reader does not write. */
  written(): void {}

  /** Does nothing: a reader does not write. */
  writeFailed(): void {}

  #settle(result: HeadRead): void {
    this.#socket.user = NO_USER;
    this.#result.resolve(result);
  }
}

/** The arena, in which nearly all heads arrive. */
const arena = asBuffer(ARENA);

function latin1(memory: Memory, start: number, end: number): string {
  const buffer = memory === ARENA ? arena : asBuffer(memory);
  return buffer.toString("latin1", start, end);
}

function asBuffer({ bytes }: Memory): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function larger(buffer: ReceiveBuffer): ReceiveBuffer {
  const twice = bufferPool.take(buffer.size * 2);
  twice.view.set(buffer.view);
  bufferPool.give(buffer);
  return twice;
}
