/**
 * Handshakes a second of each address.
 *
 * @module
 */

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

/**
 * A token bucket for each address that came lately, in a table whose size never
 * changes. A bucket that is full again is a free place; where a row has none, the
 * bucket that is the next to be full gives way. Rows and marks come from hashes
 * with a secret start, so that nobody can tell which addresses share a row.
 */
export class HandshakeRate implements Rate {
  readonly #bucket: TokenBucket;
  readonly #now: () => number;
  /** When the bucket at each place is full again. */
  readonly #fullAt = new Float64Array(ROWS * WIDTH);
  /** Whose it is, by a hash. */
  readonly #marks = new Uint32Array(ROWS * WIDTH);
  readonly #seeds = crypto.getRandomValues(new Uint32Array(2));

  /**
   * Makes full buckets.
   *
   * @param rate handshakes a second, and at once
   * @param now a clock in milliseconds that never goes back
   */
  constructor(rate: number, now: () => number = () => performance.now()) {
    this.#bucket = new TokenBucket(rate);
    this.#now = now;
  }

  /** Bytes of the table. */
  get byteLength(): number {
    return this.#fullAt.byteLength + this.#marks.byteLength;
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
    const mark = hash(address, this.#seeds[0]!);
    const row = hash(address, this.#seeds[1]!) % ROWS;
    const place = this.#find(row, mark) ?? this.#clear(row, mark);
    const { fullAt, wait } = this.#bucket.take(this.#fullAt[place]!, now);
    this.#fullAt[place] = fullAt;
    return wait;
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

/** FNV-1a over the characters, finished as MurmurHash3 does. */
function hash(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
