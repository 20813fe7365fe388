/**
 * The account of the memory that is held for clients.
 *
 * Each connection has a {@linkcode MemoryCharge}. Its buffers (receive buffers, unfinished
 * messages, output, zlib, queues) are charged in steps, when they grow or are freed, not
 * per message. The account acts on the total:
 *
 * - Above half of the limit, a holder that grows above its share is held back until the
 *   total has fallen. Only the largest holder may read on, so that its message can end. If
 *   the total does not fall within a second, that holder is closed, and the next one may
 *   read on.
 * - Above three quarters, the largest holders are closed at once. The listeners refuse
 *   handshakes while {@linkcode MemoryAccount.isFull}.
 *
 * The share is 1/512 of the limit, at least 512 KiB. A holder below its share is never held
 * back or closed.
 *
 * @module
 */

import { collectGarbage } from "../runtime/garbage.ts";
import { yieldToOthers } from "../scheduling/scheduler.ts";

/** A holder of memory, such as a connection. */
export interface MemoryHolder {
  /** Whether {@linkcode MemoryHolder.reclaim} frees the memory at once. */
  readonly isReclaimable: boolean;
  /** Updates the charge, if it is not updated by each change. */
  measure(): void;
  /** Stops reading, until {@linkcode MemoryHolder.releaseReading}. */
  holdReading(): void;
  /** Resumes reading. */
  releaseReading(): void;
  /** Closes the connection, and frees as much of its memory as possible. */
  reclaim(): void;
}

/** Share of a holder, as a part of the limit. */
const SHARE = 1 / 512;

/** Minimum share in bytes: a connection with compression takes 300 KiB. */
const MIN_SHARE = 512 * 1024;

/** Parts of the limit: holders resume below `relieved`; see the module for the others. */
const LEVEL = { relieved: 7 / 16, tight: 1 / 2, full: 3 / 4 } as const;

/** Milliseconds between two checks while memory is tight. */
const CHECK_INTERVAL = 100;

/** Steps of the collection of garbage after memory was tight. */
const COLLECTION_STEPS = 8;

/** Milliseconds until each of them. */
const COLLECTION_INTERVAL = 500;

/** Checks after which the holder that reads on is closed. */
const MAX_CHECKS = 10;

/** Totals that the threads of a process share; see {@linkcode MemoryAccount.explained}. */
export interface SharedTotals {
  /** The total of each thread's account, as 64-bit floats. */
  readonly memory: SharedArrayBuffer;
  /** Index of this thread. */
  readonly index: number;
}

/**
 * Makes memory for {@linkcode SharedTotals}.
 */
export function totalsMemory(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * Float64Array.BYTES_PER_ELEMENT);
}

/** The memory that one thread holds for clients. */
export class MemoryAccount {
  /** The limit in bytes. */
  readonly limit: number;
  readonly #totals: Float64Array;
  readonly #index: number;
  readonly #share: number;
  readonly #relieved: number;
  readonly #tight: number;
  readonly #full: number;
  #total = 0;
  /** Holders above their share. */
  readonly #large = new Set<MemoryCharge>();
  readonly #heldBack = new Set<MemoryCharge>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #collector: ReturnType<typeof setInterval> | undefined;
  /** The only large holder that may read while memory is tight. */
  #exempt: MemoryCharge | undefined;
  /** Checks since it is exempt. */
  #checks = 0;
  #willReclaim = false;

  /**
   * Makes an empty account.
   *
   * @param limit bytes
   * @param shared totals of all threads; unset: this is the only thread
   */
  constructor(limit: number, shared?: SharedTotals) {
    this.limit = limit;
    this.#totals = new Float64Array(shared?.memory ?? new ArrayBuffer(8));
    this.#index = shared?.index ?? 0;
    this.#share = Math.max(limit * SHARE, MIN_SHARE);
    this.#relieved = limit * LEVEL.relieved;
    this.#tight = limit * LEVEL.tight;
    this.#full = limit * LEVEL.full;
  }

  /** Bytes that this thread holds. */
  get total(): number {
    return this.#total;
  }

  /** The limit of all threads of the process, in bytes. */
  get processLimit(): number {
    return this.limit * this.#totals.length;
  }

  /**
   * Bytes that all threads of the process hold. A thread publishes its total when it reads
   * this property, several times per second.
   */
  get explained(): number {
    this.#totals[this.#index] = this.#total;
    return this.#totals.reduce((sum, total) => sum + total, 0);
  }

  /** Whether at least half of the limit is held. */
  get isTight(): boolean {
    return this.#total >= this.#tight;
  }

  /** Whether at least three quarters of the limit are held: no connection is accepted. */
  get isFull(): boolean {
    return this.#total >= this.#full;
  }

  /** Returns whether memory is too tight to receive a message. */
  refuses(bytes: number): boolean {
    return bytes > this.#share && this.isTight;
  }

  /**
   * Opens a charge.
   *
   * @param holder holder of the memory; unset: the account cannot act on it
   * @param bytes initial number of bytes
   */
  open(holder?: MemoryHolder, bytes = 0): MemoryCharge {
    const charge = new MemoryCharge(this, holder);
    charge.add(bytes);
    return charge;
  }

  /**
   * Called by {@linkcode MemoryCharge.add} only.
   */
  changed(charge: MemoryCharge, bytes: number): void {
    this.#total += bytes;
    const { bytes: held } = charge;
    if (held > this.#share) {
      if (held - bytes <= this.#share) this.#large.add(charge);
      if (bytes > 0 && this.#total >= this.#tight) this.#holdReading(charge);
    } else if (held - bytes > this.#share) {
      this.#large.delete(charge);
      if (this.#exempt === charge) this.#exempt = undefined;
      if (this.#heldBack.has(charge)) this.#resume(charge);
    }
    if (bytes < 0 && this.#timer !== undefined) this.#resumeIfRelieved();
  }

  /**
   * Called by {@linkcode MemoryCharge.close} only.
   */
  closed(charge: MemoryCharge): void {
    this.#large.delete(charge);
    this.#heldBack.delete(charge);
    if (this.#exempt === charge) this.#exempt = undefined;
  }

  /** Ends the timers. Call it when no holder is left. */
  stop(): void {
    clearInterval(this.#timer);
    clearInterval(this.#collector);
  }

  #holdReading(charge: MemoryCharge): void {
    if (
      charge.holder !== undefined && charge !== this.#exempt &&
      !this.#heldBack.has(charge)
    ) {
      this.#heldBack.add(charge);
      charge.holder.holdReading();
    }
    this.#timer ??= setInterval(this.#check, CHECK_INTERVAL);
    if (!this.isFull || this.#willReclaim) return;
    this.#willReclaim = true;
    // The holder may be in the middle of an operation.
    queueMicrotask(() => {
      this.#willReclaim = false;
      if (this.isFull) this.#reclaim();
    });
  }

  #check = (): void => {
    for (const { holder } of [...this.#large]) holder?.measure();
    if (this.#timer === undefined) return;
    if (++this.#checks > MAX_CHECKS && this.#exempt !== undefined) {
      this.#close(this.#exempt);
    }
    this.#resumeIfRelieved();
    if (this.#timer !== undefined) this.#exemptLargest();
  };

  /** Lets the largest reclaimable holder read on. */
  #exemptLargest(): void {
    if (this.#exempt !== undefined) return;
    const exempt = this.#largest().find(({ holder }) => holder!.isReclaimable);
    if (exempt === undefined) return;
    this.#exempt = exempt;
    this.#checks = 0;
    if (this.#heldBack.delete(exempt)) exempt.holder!.releaseReading();
  }

  /** Closes the largest holders until the total would be below `relieved`. */
  #reclaim(): void {
    let total = this.#total;
    for (const charge of this.#largest()) {
      if (total < this.#relieved) return;
      total -= charge.bytes;
      this.#close(charge);
    }
  }

  #close(charge: MemoryCharge): void {
    if (this.#exempt === charge) this.#exempt = undefined;
    charge.isReclaimed = true;
    charge.holder!.reclaim();
  }

  /** Open holders above their share, largest first. */
  #largest(): MemoryCharge[] {
    return [...this.#large]
      .filter(({ holder, isReclaimed }) => holder !== undefined && !isReclaimed)
      .sort((a, b) => b.bytes - a.bytes);
  }

  #resumeIfRelieved(): void {
    if (this.#total >= this.#relieved) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#exempt = undefined;
    this.#collectLater();
    // One at a time: many at once would take long, and use all memory again.
    for (const charge of this.#heldBack) this.#resume(charge);
  }

  /** Returns what clients held to the system, once memory is no longer tight. */
  #collectLater(): void {
    clearInterval(this.#collector);
    let left = COLLECTION_STEPS;
    this.#collector = setInterval(() => {
      if (--left === 0) clearInterval(this.#collector);
      collectGarbage();
    }, COLLECTION_INTERVAL);
    Deno.unrefTimer(this.#collector);
  }

  /** Resumes a holder soon, unless memory is tight again by then. */
  #resume(charge: MemoryCharge): void {
    yieldToOthers(() => {
      if (this.isTight && this.#large.has(charge)) {
        // The timer resumes it later, even if no other holder grows.
        this.#timer ??= setInterval(this.#check, CHECK_INTERVAL);
        return;
      }
      if (this.#heldBack.delete(charge)) charge.holder!.releaseReading();
    });
  }
}

/** The memory of one holder. */
export class MemoryCharge {
  /** Bytes that are held. */
  bytes = 0;
  /** Whether the holder's memory has been reclaimed. */
  isReclaimed = false;
  /** The holder. */
  readonly holder: MemoryHolder | undefined;
  readonly #account: MemoryAccount;
  #isClosed = false;

  /**
   * Use {@linkcode MemoryAccount.open} instead.
   */
  constructor(account: MemoryAccount, holder: MemoryHolder | undefined) {
    this.#account = account;
    this.holder = holder;
  }

  /**
   * Charges memory; does nothing if the charge is closed.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   */
  add(bytes: number): void {
    if (this.#isClosed) return;
    this.bytes += bytes;
    this.#account.changed(this, bytes);
  }

  /** Gives all memory back, and closes the charge; a second call does nothing. */
  close(): void {
    this.add(-this.bytes);
    this.#isClosed = true;
    this.#account.closed(this);
  }
}
