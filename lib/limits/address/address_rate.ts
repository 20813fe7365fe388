/**
 * Handshakes a second of each address.
 *
 * @module
 */

import { Lock } from "./lock.ts";
import { hash } from "./hash.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Rates that each address has for itself; what several instances share has this shape, too. */
export interface Rate {
  /**
   * Counts a handshake.
   *
   * @param address whose
   * @returns 0, or the milliseconds until the address may try again
   */
  wait(address: string): number;
}

/** Rows of the table; an address has its place in one of them. */
const ROWS = 8192;

/** Addresses in a row. */
const WIDTH = 8;

/** In front of the table: two secret seeds, and the lock. */
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
 * A token bucket for each address that came lately, in a table whose size never
 * changes. A bucket that is full again is a free place; where a row has none, the
 * bucket that is the next to be full gives way. Rows and marks come from hashes
 * with a secret start, so that nobody can tell which addresses share a row.
 */
export class AddressRate implements Rate {
  readonly #bucket: TokenBucket;
  readonly #now: () => number;
  /** When the bucket at each place is full again. */
  readonly #fullAt: Float64Array<ArrayBufferLike>;
  /** Whose it is, by a hash. */
  readonly #marks: Uint32Array<ArrayBufferLike>;
  readonly #seeds: Uint32Array<ArrayBufferLike>;
  readonly #lock: Lock;

  /**
   * Makes full buckets.
   *
   * @param rate handshakes a second, and at once
   * @param now a clock in milliseconds that never goes back, the same for all who
   * share the memory
   * @param memory by {@linkcode AddressRate.memory}, where threads share it
   * @param period milliseconds that the rate is for, if not a second
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

  /** Makes full buckets for threads to share. */
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
   * Counts a handshake; see {@linkcode Rate.wait}.
   *
   * @param address whose
   */
  wait(address: string): number {
    const now = this.#now();
    const { mark, row } = this.#locate(address);
    return this.#lock.hold(() => {
      const place = this.#find(row, mark) ?? this.#clear(row, mark);
      const { fullAt, wait } = this.#bucket.take(this.#fullAt[place]!, now);
      this.#fullAt[place] = fullAt;
      return wait;
    });
  }

  /**
   * Tells what {@linkcode wait} would, and counts nothing.
   *
   * @param address whose
   */
  peek(address: string): number {
    const now = this.#now();
    const { mark, row } = this.#locate(address);
    return this.#lock.hold(() => {
      const place = this.#find(row, mark);
      const fullAt = place === undefined ? 0 : this.#fullAt[place]!;
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
    for (let place = row * WIDTH; place < end; place++) {
      if (this.#marks[place] === mark) return place;
    }
    return undefined;
  }

  /** Makes a full bucket in place of the one that is, or would be, full first. */
  #clear(row: number, mark: number): number {
    let place = row * WIDTH;
    for (let other = place + 1; other < (row + 1) * WIDTH; other++) {
      if (this.#fullAt[other]! < this.#fullAt[place]!) place = other;
    }
    this.#marks[place] = mark;
    this.#fullAt[place] = 0;
    return place;
  }
}
