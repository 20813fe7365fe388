/**
 * Fair scheduling of reads: while more clients send than the runtime serves at a time,
 * few reads are under way, and a connection that was read from twice waits until all
 * others were.
 *
 * The runtime completes 128 reads and writes in one batch: that is the budget of a
 * Tokio task. For the next batch it polls every other ready operation again without
 * completing it, and completes first those that began last. So with a thousand busy
 * clients each message costs several polls, with ten thousand dozens, and some clients
 * wait for seconds. A read that waits here is not polled.
 *
 * @module
 */

import process from "node:process";
import { afterInputPoll } from "../../scheduling/scheduler.ts";

/** Reads and writes that the runtime completes in one batch. */
const BUDGET = 128;

/**
 * Reads that start at a time while many clients send. With as many writes, the budget has
 * room for clients that send seldom.
 */
const READS_PER_POLL = 48;

/** Below this number of connections that read, the size of a read is not limited. */
const FEW = 16;

/** Maximum bytes of a read with at least {@linkcode FEW} of them. */
const READ_OF_SEVERAL = 64 * 1024;

/** Maximum bytes of a read with at least {@linkcode BUDGET} of them. */
const READ_OF_MANY = 16 * 1024;

/** A read that may have to wait. */
export interface WaitingRead {
  /** Starts the read. */
  readNow(): void;
}

/** Orders the reads of all sockets of a thread. */
export class ReadScheduler {
  /** Whether a batch was full, and clients have to wait since then. */
  #isCrowded = false;
  /** The number of the current batch. */
  #batch = 0;
  #isInBatch = false;
  /** Operations under way. */
  #underWay = 0;
  /** Operations that have ended in this batch and that began in an earlier one. */
  #ended = 0;
  /** Reads that were put off since the last poll for input. */
  #putOff = 0;
  /** Whether the last reads that started were those of clients read from just before. */
  #isRepeating = true;
  /** The reads whose turn it is; those before the index have started. */
  #current: readonly WaitingRead[] = [];
  #index = 0;
  /** The reads after them. */
  #next: WaitingRead[] = [];

  /**
   * Limits the bytes of a read by the number of connections that read: the input of a
   * whole batch is handled before the runtime polls again.
   *
   * @param view gets the bytes
   * @returns the view, or its beginning
   */
  limited(view: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (view.length <= READ_OF_MANY) return view;
    const count = this.#underWay + this.#waiting;
    if (count < FEW) return view;
    const maxRead = count < BUDGET ? READ_OF_SEVERAL : READ_OF_MANY;
    return view.length > maxRead ? view.subarray(0, maxRead) : view;
  }

  /** Number of reads that wait. */
  get #waiting(): number {
    return this.#current.length - this.#index + this.#next.length;
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
    if (began !== this.#batch) this.#ended++;
  }

  /**
   * Reads at once or, where many clients send, after the reads that wait.
   *
   * @param read is called back in this call or later
   */
  read(read: WaitingRead): void {
    if (!this.#isCrowded) return read.readNow();
    this.#next.push(read);
    this.#putOff++;
  }

  /**
   * A batch begins with its first event and ends with its last callback. With less
   * than {@linkcode BUDGET} operations under way, batches are not counted.
   */
  #enterBatch(): void {
    if (this.#isInBatch || this.#isCrowded || this.#underWay < BUDGET) return;
    this.#isInBatch = true;
    this.#ended = 0;
    process.nextTick(this.#leaveBatch);
  }

  #leaveBatch = (): void => {
    this.#isInBatch = false;
    this.#batch++;
    if (this.#ended < BUDGET || this.#underWay === 0) return;
    this.#isCrowded = true;
    this.#isRepeating = true;
    afterInputPoll(this.#startReads);
  };

  /**
   * Starts reads after a poll for input: of clients that wait and, every second time, again
   * of those that were read from since the last one, whose memory is in the processor's
   * caches. It starts none if more were put off than start at a time: the reads that were
   * under way before this began end first. Writes do not count, as a broadcast has many.
   */
  #startReads = (): void => {
    const count = this.#putOff;
    this.#putOff = 0;
    if (count <= READS_PER_POLL) {
      if (this.#waiting === 0) return this.#end();
      this.#isRepeating = !this.#isRepeating && count > 0;
      if (this.#isRepeating) this.#repeat(count);
      else this.#startWaiting();
    }
    afterInputPoll(this.#startReads);
  };

  #repeat(count: number): void {
    for (const read of this.#next.splice(-count)) read.readNow();
  }

  #startWaiting(): void {
    for (let i = Math.min(READS_PER_POLL, this.#waiting); i > 0; i--) {
      this.#startOne();
    }
  }

  #startOne(): void {
    if (this.#index === this.#current.length) this.#takeNext();
    this.#current[this.#index++]!.readNow();
  }

  #takeNext(): void {
    this.#current = this.#next;
    this.#index = 0;
    this.#next = [];
  }

  /** From now on, reads start at once. */
  #end(): void {
    this.#isCrowded = false;
    this.#takeNext();
  }
}
