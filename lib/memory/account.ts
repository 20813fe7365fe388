/**
 * One account for the memory that is held for clients.
 *
 * Each connection has a {@linkcode MemoryCharge}: what holds bytes for it (receive
 * slots, unfinished messages, output, zlib, queues) adds them there in steps, when
 * a buffer grows or is given up, not for each message. The account acts on the
 * total:
 *
 * - From half of the limit on, a holder that grows above its share (1/512 of the
 *   limit, 512 KiB at least) takes in nothing more until the total has fallen. Only
 *   the largest one goes on, so that its message can end; where that does not help
 *   within a second, it is closed, and the next one goes on.
 * - From three quarters on, the largest holders are closed at once, and
 *   {@linkcode MemoryAccount.isFull} tells the listeners to refuse handshakes.
 *
 * A holder below its share is never slowed down or closed.
 *
 * @module
 */

import { yieldToOthers } from "../scheduling/scheduler.ts";

/** What the account can ask of a holder. */
export interface MemoryHolder {
  /** Whether closing it gives its memory back at once. */
  readonly isReclaimable: boolean;
  /** Charges what it holds now, where that is known only by asking. */
  measure(): void;
  /** Takes in nothing more, until {@linkcode MemoryHolder.goOn}. */
  holdBack(): void;
  /** Ends {@linkcode MemoryHolder.holdBack}. */
  goOn(): void;
  /** Ends the connection, and gives its memory back as far as it can. */
  reclaim(): void;
}

/** Share of a holder that is never acted on, as a part of the limit. */
const SHARE = 1 / 512;

/** Bytes of that share at least: a connection with compression takes 300 KiB. */
const MIN_SHARE = 512 * 1024;

/** Parts of the limit at which the account acts, and at which it has done enough. */
const LEVEL = { relieved: 7 / 16, tight: 1 / 2, full: 3 / 4 } as const;

/** Milliseconds between two looks while memory is tight. */
const LOOK = 100;

/** Looks after which the holder that went on is closed. */
const MAX_LOOKS = 10;

/** What the threads of a process share; see {@linkcode MemoryAccount.explained}. */
export interface SharedTotals {
  /** The total of each thread's account, as 64-bit floats. */
  readonly memory: SharedArrayBuffer;
  /** This thread's place in it. */
  readonly index: number;
}

/**
 * Makes memory for {@linkcode SharedTotals}.
 *
 * @param threads that share it
 */
export function totalsMemory(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * Float64Array.BYTES_PER_ELEMENT);
}

/** The memory of all clients of one thread. */
export class MemoryAccount {
  /** Bytes that may be held. */
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
  /** Goes on alone while memory is tight. */
  #favoured: MemoryCharge | undefined;
  /** Looks since it does. */
  #looks = 0;
  #willReclaim = false;

  /**
   * Makes an empty account.
   *
   * @param limit bytes
   * @param shared with the other threads; without it this one is alone
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

  /** Bytes that are held. */
  get total(): number {
    return this.#total;
  }

  /** Bytes that may be held by all threads of the process. */
  get processLimit(): number {
    return this.limit * this.#totals.length;
  }

  /**
   * Bytes that all threads of the process hold: the others as of the last time that
   * they asked for it, which each does several times a second.
   */
  get explained(): number {
    this.#totals[this.#index] = this.#total;
    return this.#totals.reduce((sum, total) => sum + total, 0);
  }

  /** Whether so much is held that what can wait should not begin. */
  get isTight(): boolean {
    return this.#total >= this.#tight;
  }

  /** Whether so much is held that no further connection may be accepted. */
  get isFull(): boolean {
    return this.#total >= this.#full;
  }

  /**
   * Whether memory is so tight that a message should not be taken in.
   *
   * @param bytes of the message
   */
  refuses(bytes: number): boolean {
    return bytes > this.#share && this.isTight;
  }

  /**
   * Opens a charge.
   *
   * @param holder whose memory it is; without one nothing is asked of it
   * @param bytes that it holds from the start
   */
  open(holder?: MemoryHolder, bytes = 0): MemoryCharge {
    const charge = new MemoryCharge(this, holder);
    charge.add(bytes);
    return charge;
  }

  /**
   * Called by {@linkcode MemoryCharge.add} alone.
   *
   * @param charge has changed
   * @param bytes by so many
   */
  changed(charge: MemoryCharge, bytes: number): void {
    this.#total += bytes;
    const { bytes: held } = charge;
    if (held > this.#share) {
      if (held - bytes <= this.#share) this.#large.add(charge);
      if (bytes > 0 && this.#total >= this.#tight) this.#press(charge);
    } else if (held - bytes > this.#share) {
      this.#large.delete(charge);
      if (this.#favoured === charge) this.#favoured = undefined;
      if (this.#heldBack.has(charge)) this.#release(charge);
    }
    if (bytes < 0 && this.#timer !== undefined) this.#relieve();
  }

  /**
   * Called by {@linkcode MemoryCharge.close} alone.
   *
   * @param charge is closed
   */
  closed(charge: MemoryCharge): void {
    this.#large.delete(charge);
    this.#heldBack.delete(charge);
    if (this.#favoured === charge) this.#favoured = undefined;
  }

  #press(charge: MemoryCharge): void {
    if (
      charge.holder !== undefined && charge !== this.#favoured &&
      !this.#heldBack.has(charge)
    ) {
      this.#heldBack.add(charge);
      charge.holder.holdBack();
    }
    this.#timer ??= setInterval(this.#look, LOOK);
    if (!this.isFull || this.#willReclaim) return;
    this.#willReclaim = true;
    // Not in the middle of what the holder is doing just now.
    queueMicrotask(() => {
      this.#willReclaim = false;
      if (this.isFull) this.#reclaim();
    });
  }

  #look = (): void => {
    for (const { holder } of [...this.#large]) holder?.measure();
    if (this.#timer === undefined) return;
    if (++this.#looks > MAX_LOOKS && this.#favoured !== undefined) {
      this.#end(this.#favoured);
    }
    this.#relieve();
    if (this.#timer !== undefined) this.#favour();
  };

  /** Has the largest holder that can give memory back go on. */
  #favour(): void {
    if (this.#favoured !== undefined) return;
    const favoured = this.#largest().find(({ holder }) =>
      holder!.isReclaimable
    );
    if (favoured === undefined) return;
    this.#favoured = favoured;
    this.#looks = 0;
    if (this.#heldBack.delete(favoured)) favoured.holder!.goOn();
  }

  /** Closes the largest holders, until enough is given back. */
  #reclaim(): void {
    let total = this.#total;
    for (const charge of this.#largest()) {
      if (total < this.#relieved) return;
      total -= charge.bytes;
      this.#end(charge);
    }
  }

  #end(charge: MemoryCharge): void {
    if (this.#favoured === charge) this.#favoured = undefined;
    charge.isReclaimed = true;
    charge.holder!.reclaim();
  }

  /** Holders above their share that were not asked to end, largest first. */
  #largest(): MemoryCharge[] {
    return [...this.#large]
      .filter(({ holder, isReclaimed }) => holder !== undefined && !isReclaimed)
      .sort((one, other) => other.bytes - one.bytes);
  }

  #relieve(): void {
    if (this.#total >= this.#relieved) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#favoured = undefined;
    // One after the other: many at once would take long, and all that there is.
    for (const charge of this.#heldBack) this.#release(charge);
  }

  /** Has a holder go on soon, unless it should not any more by then. */
  #release(charge: MemoryCharge): void {
    yieldToOthers(() => {
      if (this.isTight && this.#large.has(charge)) {
        // It is looked at again, whoever has made memory tight since.
        this.#timer ??= setInterval(this.#look, LOOK);
        return;
      }
      if (this.#heldBack.delete(charge)) charge.holder!.goOn();
    });
  }
}

/** The bytes that are held for one client. */
export class MemoryCharge {
  /** Bytes that are held. */
  bytes = 0;
  /** Whether the holder was asked to end already. */
  isReclaimed = false;
  /** Whose they are. */
  readonly holder: MemoryHolder | undefined;
  readonly #account: MemoryAccount;
  #isClosed = false;

  /**
   * Use {@linkcode MemoryAccount.open}.
   *
   * @param account of all clients
   * @param holder whose memory it is
   */
  constructor(account: MemoryAccount, holder: MemoryHolder | undefined) {
    this.#account = account;
    this.holder = holder;
  }

  /**
   * Charges memory, or gives it back; does nothing once the charge is closed.
   *
   * @param bytes more, or with a minus sign fewer
   */
  add(bytes: number): void {
    if (this.#isClosed) return;
    this.bytes += bytes;
    this.#account.changed(this, bytes);
  }

  /** Gives all of it back. */
  close(): void {
    this.add(-this.bytes);
    this.#isClosed = true;
    this.#account.closed(this);
  }
}
