/**
 * Flushes of one connection of the edge listener. The runtime reports no write, so its
 * `bufferedAmount` is polled while a flush is pending.
 *
 * @module
 */

import type { SettleFlush } from "../../listener/flush.ts";

/** Milliseconds until the first poll; each poll without progress doubles the delay. */
const MIN_DELAY = 1;

/** The longest delay. */
const MAX_DELAY = 32;

/** A pending flush. */
interface Flush {
  /** Bytes sent before the flush. */
  readonly sent: number;
  readonly settle: SettleFlush;
}

/** Waits until what was sent is written. */
export class PendingFlushes {
  readonly #written: () => number | undefined;
  /** In the order of the calls. */
  #flushes: Flush[] = [];
  #lastWritten = 0;
  #delay = MIN_DELAY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts without a flush.
   *
   * @param written counts the bytes of all messages that are written; `undefined` where
   * that is not known
   */
  constructor(written: () => number | undefined) {
    this.#written = written;
  }

  /**
   * Adds a flush.
   *
   * @param sent bytes of all messages that were sent
   * @param settle ends the flush
   */
  add(sent: number, settle: SettleFlush): void {
    this.#flushes.push({ sent, settle });
    if (this.#timer !== undefined) return;
    this.#delay = MIN_DELAY;
    this.#poll();
  }

  /**
   * Ends all flushes.
   *
   * @param isWritten whether everything is written; if not, the flushes whose data is
   * known to be written are resolved
   */
  end(isWritten: boolean): void {
    if (!isWritten) this.#settleWritten();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { settle } of this.#flushes.splice(0)) settle(isWritten);
  }

  #poll(): void {
    if (this.#settleWritten()) this.#delay = MIN_DELAY;
    this.#timer = undefined;
    if (this.#flushes.length === 0) return;
    this.#timer = setTimeout(() => this.#poll(), this.#delay);
    this.#delay = Math.min(2 * this.#delay, MAX_DELAY);
  }

  /** Settles the flushes whose data is written; returns whether more is written. */
  #settleWritten(): boolean {
    const written = this.#written();
    if (written === undefined) return false;
    while (this.#flushes.length > 0 && this.#flushes[0]!.sent <= written) {
      this.#flushes.shift()!.settle(true);
    }
    const hasProgress = written > this.#lastWritten;
    this.#lastWritten = written;
    return hasProgress;
  }
}
