/**
 * Fair scheduling of reads: a connection that was read from waits until all other
 * connections with input were read from too.
 *
 * The runtime completes 128 reads and writes in one batch, however many are ready:
 * that is the budget of a Tokio task. Of the operations that have to wait, it
 * completes the last first in the next batch, after those that have become ready
 * meanwhile. So if more than 128 clients send continuously, about a hundred are served
 * and the rest wait for seconds.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";

/** Reads and writes that the runtime completes in one batch. */
const BUDGET = 128;

/** Below this number of pending operations the size of a read is not limited. */
const FEW = 16;

/** Maximum bytes of a read with at least {@linkcode FEW} pending operations. */
const READ_OF_SEVERAL = 64 * 1024;

/** Maximum bytes of a read with at least {@linkcode BUDGET} pending operations. */
const READ_OF_MANY = 16 * 1024;

/**
 * Iterations of the event loop after a full batch until the scheduler knows that no
 * other operation is ready. The runtime polls the waiting operations after 61
 * iterations.
 */
const MAX_IDLE_ITERATIONS = 128;

/** A read that may have to wait. */
export interface WaitingRead {
  /** Reads. */
  readNow(): void;
}

/** Orders the reads of all sockets of a thread. */
export class ReadScheduler {
  /** The number of the current batch. */
  #batch = 0;
  #isInBatch = false;
  /** Pending operations. */
  #underWay = 0;
  /** Operations that this batch has completed and that began in an earlier one. */
  #completed = 0;
  /** The last batch was full, so other operations may be ready. */
  #isRoundUnfinished = false;
  #waiting: WaitingRead[] = [];
  /** Iterations of the event loop since the last full batch. */
  #idle = 0;
  #isLooking = false;

  /**
   * Maximum bytes of one read. The input of a whole batch is handled before the
   * runtime polls again.
   */
  get maxRead(): number {
    if (this.#underWay < FEW) return Infinity;
    return this.#underWay < BUDGET ? READ_OF_SEVERAL : READ_OF_MANY;
  }

  /**
   * Counts an operation that begins.
   *
   * @returns the current batch, for {@linkcode ReadScheduler.ended}
   */
  began(): number {
    this.#enterBatch();
    this.#underWay++;
    return this.#batch;
  }

  /**
   * Counts an operation that has ended or failed.
   *
   * @param began the result of {@linkcode ReadScheduler.began}
   */
  ended(began: number): void {
    this.#enterBatch();
    this.#underWay--;
    if (began !== this.#batch) this.#completed++;
  }

  /**
   * Reads at once or, where other connections may be ready, after them.
   *
   * @param read is called back in this call or later
   */
  read(read: WaitingRead): void {
    if (this.#isRoundUnfinished || this.#completed >= BUDGET) {
      this.#waiting.push(read);
    } else read.readNow();
  }

  /**
   * A batch begins with its first event and ends with its last callback. With less
   * than {@linkcode BUDGET} pending operations, batches are not counted.
   */
  #enterBatch(): void {
    if (this.#isInBatch || this.#underWay < BUDGET) return;
    this.#isInBatch = true;
    process.nextTick(this.#leaveBatch);
  }

  #leaveBatch = (): void => {
    const isFull = this.#completed >= BUDGET && this.#underWay > 0;
    this.#isInBatch = false;
    this.#completed = 0;
    this.#batch++;
    if (isFull) {
      this.#isRoundUnfinished = true;
      this.#idle = 0;
      if (!this.#isLooking) setImmediate(this.#look);
      this.#isLooking = true;
    } else if (this.#isRoundUnfinished || this.#waiting.length > 0) {
      this.#finishRound();
    }
  };

  /** Finishes the round where the full batch was the last one. */
  #look = (): void => {
    this.#isLooking = this.#isRoundUnfinished &&
      ++this.#idle < MAX_IDLE_ITERATIONS;
    if (this.#isLooking) setImmediate(this.#look);
    else if (this.#isRoundUnfinished) this.#finishRound();
  };

  /** Every ready connection was read from: starts the reads that wait. */
  #finishRound = (): void => {
    this.#isRoundUnfinished = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const read of waiting) read.readNow();
  };
}
