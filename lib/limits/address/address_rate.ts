/**
 * Rate limits of each address: handshakes, and wrong tokens.
 *
 * @module
 */

import { hash } from "./hash.ts";
import { Lock } from "./lock.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Rows of the table; a hash of the address selects the row. */
const ROWS = 8192;

/** Buckets in a row. */
const WIDTH = 8;

/** 32-bit cells in front of the table: two secret seeds, and the lock. */
const HEAD = { seeds: 0, lock: 2, size: 4 } as const;

/** Bytes of the three parts of the memory. */
const SIZE = {
  head: HEAD.size * 4,
  fullAt: ROWS * WIDTH * 8,
  marks: ROWS * WIDTH * 4,
} as const;

const BYTES = SIZE.head + SIZE.fullAt + SIZE.marks;

function seeded<Memory extends ArrayBufferLike>(memory: Memory): Memory {
  const seeds = crypto.getRandomValues(new Uint32Array(2));
  new Uint32Array(memory).set(seeds, HEAD.seeds);
  return memory;
}

/**
 * A token bucket for each recent address, in a table of a fixed size. A full bucket is
 * free for another address. If no bucket of a row is full, the next one to be full is
 * reused. Rows and marks are hashes with secret seeds, so that a client cannot find
 * addresses that share a row.
 */
export class AddressRate {
  readonly #bucket: TokenBucket;
  readonly #now: () => number;
  /** The time at which each bucket is full again. */
  readonly #fullAt: Float64Array<ArrayBufferLike>;
  /** A hash of the address of each bucket. */
  readonly #marks: Uint32Array<ArrayBufferLike>;
  readonly #seeds: Uint32Array<ArrayBufferLike>;
  readonly #lock: Lock;

  /**
   * Starts with full buckets.
   *
   * @param rate events per period, and at once
   * @param now a clock in milliseconds that never goes back, the same for all threads
   * that share the memory
   * @param memory the table, by {@linkcode AddressRate.memory} where threads share it
   * @param period milliseconds
   */
  constructor(
    rate: number,
    now: () => number = () => performance.now(),
    memory: ArrayBufferLike = seeded(new ArrayBuffer(BYTES)),
    period = 1000,
  ) {
    this.#bucket = new TokenBucket(rate, period);
    this.#now = now;
    const { head, fullAt } = SIZE;
    this.#seeds = new Uint32Array(memory, HEAD.seeds * 4, 2);
    this.#lock = new Lock(new Int32Array(memory, 0, HEAD.size), HEAD.lock);
    this.#fullAt = new Float64Array(memory, head, ROWS * WIDTH);
    this.#marks = new Uint32Array(memory, head + fullAt, ROWS * WIDTH);
  }

  /** Makes a table of full buckets that threads can share. */
  static memory(): SharedArrayBuffer {
    return seeded(new SharedArrayBuffer(BYTES));
  }

  /** Bytes of the table. */
  get byteLength(): number {
    return SIZE.fullAt + SIZE.marks;
  }

  /** Addresses whose bucket is not full. */
  get size(): number {
    const now = this.#now();
    return this.#fullAt.reduce((sum, at) => at > now ? sum + 1 : sum, 0);
  }

  /**
   * Takes a token from the bucket of an address.
   *
   * @returns 0, or the milliseconds until there is a token
   */
  take(address: string): number {
    const now = this.#now();
    const { mark, row } = this.#locate(address);
    return this.#lock.hold(() => {
      const index = this.#find(row, mark) ?? this.#replace(row, mark);
      const { fullAt, wait } = this.#bucket.take(this.#fullAt[index]!, now);
      this.#fullAt[index] = fullAt;
      return wait;
    });
  }

  /**
   * Returns the result of {@linkcode take} without taking a token.
   */
  peek(address: string): number {
    const now = this.#now();
    const { mark, row } = this.#locate(address);
    return this.#lock.hold(() => {
      const index = this.#find(row, mark);
      const fullAt = index === undefined ? 0 : this.#fullAt[index]!;
      return this.#bucket.take(fullAt, now).wait;
    });
  }

  #locate(address: string): { mark: number; row: number } {
    return {
      mark: hash(address, this.#seeds[0]!),
      row: hash(address, this.#seeds[1]!) % ROWS,
    };
  }

  #find(row: number, mark: number): number | undefined {
    const end = (row + 1) * WIDTH;
    for (let index = row * WIDTH; index < end; index++) {
      if (this.#marks[index] === mark) return index;
    }
    return undefined;
  }

  /** Replaces the bucket of a row that is, or will be, full first. */
  #replace(row: number, mark: number): number {
    let index = row * WIDTH;
    for (let other = index + 1; other < (row + 1) * WIDTH; other++) {
      if (this.#fullAt[other]! < this.#fullAt[index]!) index = other;
    }
    this.#marks[index] = mark;
    this.#fullAt[index] = 0;
    return index;
  }
}
