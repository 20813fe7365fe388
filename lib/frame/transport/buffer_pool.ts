/**
 * Receive buffers. Most are ranges of one arena: the memory of the WebAssembly
 * module that unmasks. Such a range needs no ArrayBuffer, and a page that was never
 * written to takes no physical memory.
 *
 * @module
 */

import { free } from "../../memory/resize.ts";
import { allocate, ARENA, type Memory } from "../codec/memory.ts";

/** A receive buffer that a connection borrows. */
export interface ReceiveBuffer {
  /** The memory that it is a range of. */
  readonly memory: Memory;
  /** The offset of its first byte in that memory. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly size: number;
  /** All of its bytes. */
  readonly view: Uint8Array<ArrayBuffer>;
}

/** Bytes of the smallest buffer. */
export const MIN_BUFFER = 256;

/** Larger buffers are separate: each has an ArrayBuffer, which is freed after use. */
const MAX_ARENA_BUFFER = 4 * 2 ** 20;

/**
 * Half of the arena is for buffers up to this size. A range that was lent once keeps
 * its size, so long messages cannot use up the whole arena.
 */
const MAX_SMALL_BUFFER = 64 * 1024;

/** Lends receive buffers; their sizes are powers of two. */
export class BufferPool {
  /** The free buffers by the exponent of their size. */
  readonly #free: ReceiveBuffer[][] = [];
  readonly #size: number;
  /** The shares of the users. */
  readonly #shares = new Set<{ readonly bytes: number }>();
  #end: number;
  #next = 0;

  /**
   * Makes a pool over the arena.
   *
   * @param limit bytes of the arena that may be lent
   */
  constructor(limit: number = ARENA.bytes.length) {
    this.#size = limit;
    this.#end = limit;
  }

  /**
   * Adds a user: while there are any, the pool lends no more of the arena than the sum of
   * their shares, because a page of the arena stays resident once it was used.
   *
   * @param bytes of the arena for this user
   * @returns a function that removes the user
   */
  retain(bytes: number): () => void {
    const share = { bytes };
    this.#shares.add(share);
    this.#bound();
    return () => {
      this.#shares.delete(share);
      this.#bound();
    };
  }

  #bound(): void {
    let sum = 0;
    for (const { bytes } of this.#shares) sum += bytes;
    this.#end = this.#shares.size === 0
      ? this.#size
      : Math.min(this.#size, sum);
  }

  /**
   * Lends a buffer, from the arena while it has room.
   *
   * @param atLeast bytes
   */
  take(atLeast: number): ReceiveBuffer {
    if (atLeast > MAX_ARENA_BUFFER) return separateBuffer(atLeast);
    const exponent = 32 - Math.clz32(Math.max(atLeast, MIN_BUFFER) - 1);
    const free = this.#free[exponent]?.pop();
    if (free !== undefined) return free;
    const size = 1 << exponent;
    const end = size > MAX_SMALL_BUFFER ? this.#end / 2 : this.#end;
    if (this.#next + size > end) return separateBuffer(size);
    const offset = this.#next;
    this.#next += size;
    const view = ARENA.bytes.subarray(offset, offset + size);
    return { memory: ARENA, offset, size, view };
  }

  /**
   * Takes a buffer back.
   *
   * @param buffer one that no read, write or handler refers to any more
   */
  give(buffer: ReceiveBuffer): void {
    if (buffer.memory !== ARENA) return free(buffer.memory.bytes.buffer);
    (this.#free[31 - Math.clz32(buffer.size)] ??= []).push(buffer);
  }
}

/** The pool of this thread. */
export const bufferPool: BufferPool = new BufferPool();

function separateBuffer(size: number): ReceiveBuffer {
  const memory = allocate(size);
  return { memory, offset: 0, size, view: memory.bytes };
}
