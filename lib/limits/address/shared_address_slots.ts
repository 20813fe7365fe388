/**
 * Connection slots of each address, counted by several threads together.
 *
 * @module
 */

import type { AddressSlots } from "./address_slots.ts";
import { hash } from "./hash.ts";
import { Lock } from "./lock.ts";

/** Rows of the table; a power of two. */
const ROWS = 2 ** 17;

/** Rows that may be in use: a search in a fuller table would take long. */
const MAX_USED = ROWS * 3 / 4;

/** Cells in front of the rows: the lock, the number of rows in use, two secret seeds. */
const HEAD = { lock: 0, used: 1, seeds: 2, size: 4 } as const;

/** Cells of a row: two hashes of the address, and its count; a free row has count 0. */
const ROW = { first: 0, second: 1, count: 2, size: 3 } as const;

/**
 * A hash table in shared memory with open addressing. An address is identified by 64
 * bits of hashes with secret seeds. While 98304 rows are in use, a new
 * address gets no slot.
 */
export class SharedAddressSlots implements AddressSlots {
  readonly #limit: number;
  readonly #cells: Int32Array<ArrayBufferLike>;
  readonly #lock: Lock;

  /**
   * Uses a table.
   *
   * @param limit slots of an address
   * @param memory the table, by {@linkcode SharedAddressSlots.memory}
   */
  constructor(limit: number, memory: SharedArrayBuffer) {
    this.#limit = limit;
    this.#cells = new Int32Array(memory);
    this.#lock = new Lock(this.#cells, HEAD.lock);
  }

  /** Makes an empty table that threads can share. */
  static memory(): SharedArrayBuffer {
    const cells = new Int32Array(
      new SharedArrayBuffer(4 * (HEAD.size + ROWS * ROW.size)),
    );
    const seeds = crypto.getRandomValues(new Int32Array(2));
    cells.set(seeds, HEAD.seeds);
    return cells.buffer;
  }

  /** Addresses that have a slot. */
  get size(): number {
    return Atomics.load(this.#cells, HEAD.used);
  }

  /**
   * Takes a slot; see {@linkcode AddressSlots.take}.
   */
  take(address: string): boolean {
    const [first, second] = this.#hashes(address);
    const cells = this.#cells;
    return this.#lock.hold(() => {
      const row = this.#find(first, second);
      const count = cells[row + ROW.count]!;
      if (count >= this.#limit) return false;
      if (count === 0) {
        if (cells[HEAD.used]! >= MAX_USED) return false;
        cells[HEAD.used]!++;
        cells[row + ROW.first] = first;
        cells[row + ROW.second] = second;
      }
      cells[row + ROW.count] = count + 1;
      return true;
    });
  }

  /**
   * Releases a slot; see {@linkcode AddressSlots.release}.
   */
  release(address: string): void {
    const [first, second] = this.#hashes(address);
    const cells = this.#cells;
    this.#lock.hold(() => {
      const row = this.#find(first, second);
      const count = cells[row + ROW.count]!;
      if (count === 0) return;
      cells[row + ROW.count] = count - 1;
      if (count > 1) return;
      cells[HEAD.used]!--;
      this.#closeGap(row);
    });
  }

  #hashes(address: string): [first: number, second: number] {
    return [
      hash(address, this.#cells[HEAD.seeds]!) | 0,
      hash(address, this.#cells[HEAD.seeds + 1]!) | 0,
    ];
  }

  /** Returns the row of an address, or the free row for it. */
  #find(first: number, second: number): number {
    const cells = this.#cells;
    let row = home(first);
    while (cells[row + ROW.count]! > 0) {
      if (
        cells[row + ROW.first] === first && cells[row + ROW.second] === second
      ) {
        break;
      }
      row = next(row);
    }
    return row;
  }

  /**
   * Moves rows into a freed one, so that a search does not stop at the gap (Knuth,
   * The Art of Computer Programming 3, 6.4, algorithm R).
   */
  #closeGap(gap: number): void {
    const cells = this.#cells;
    for (let row = next(gap); cells[row + ROW.count]! > 0; row = next(row)) {
      const wanted = home(cells[row + ROW.first]!);
      if (distance(wanted, row) < distance(gap, row)) continue;
      cells.copyWithin(gap, row, row + ROW.size);
      cells[row + ROW.count] = 0;
      gap = row;
    }
  }
}

function home(first: number): number {
  return HEAD.size + (first & (ROWS - 1)) * ROW.size;
}

function next(row: number): number {
  const following = row + ROW.size;
  return following < HEAD.size + ROWS * ROW.size ? following : HEAD.size;
}

/** Returns the number of cells from one row to another, across the table's end. */
function distance(from: number, to: number): number {
  return to >= from ? to - from : to - from + ROWS * ROW.size;
}
