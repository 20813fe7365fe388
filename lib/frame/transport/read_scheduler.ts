/**
 * ReadScheduler of reading, so that nobody waits for ever.
 *
 * The runtime completes 128 reads and writes at a time, whatever more is ready:
 * the budget of a task in Tokio, below it. Of what has to wait, the last comes
 * first the next time, behind what has become ready meanwhile. So where more
 * peers than that send all the time, some hundred have the server to themselves,
 * and the others wait for seconds. Here those that have been read from are read
 * from again when all others that were ready have been, too.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";

/** Reads and writes that the runtime completes at a time. */
const BUDGET = 128;

/** Operations under way up to which a read may bring as much as it likes. */
const FEW = 16;

/** Bytes of a read where there are more of them, and where there are very many. */
const READ_OF_SEVERAL = 64 * 1024;
const READ_OF_MANY = 16 * 1024;

/**
 * Times that the event loop goes round until it is known that nobody else is
 * ready: the runtime comes back to those that had to wait after 61.
 */
const MAX_IDLE_ROUNDS = 128;

/** A read that may have to wait. */
export interface WaitingRead {
  /** Reads, as its turn has come. */
  readNow(): void;
}

/** Keeps the order of reads; all sockets of a thread share one. */
export class ReadScheduler {
  /** Counts the runtime's turns: all that it calls at a time. */
  #turn = 0;
  #isInTurn = false;
  /** Operations under way. */
  #underWay = 0;
  /** Of those that began in an earlier turn, how many this one has completed. */
  #completed = 0;
  /** The last turn was full, so there may be others that are ready. */
  #isUnfinished = false;
  #waiting: WaitingRead[] = [];
  /** Times that the event loop went round since a full turn. */
  #idle = 0;
  #isLooking = false;

  /**
   * Bytes that a read should bring at most: what all reads of a turn bring is
   * handled before the runtime looks for more input.
   */
  get maxRead(): number {
    if (this.#underWay < FEW) return Infinity;
    return this.#underWay < BUDGET ? READ_OF_SEVERAL : READ_OF_MANY;
  }

  /**
   * An operation begins.
   *
   * @returns what {@linkcode ReadScheduler.ended} is to be told
   */
  began(): number {
    this.#enter();
    this.#underWay++;
    return this.#turn;
  }

  /**
   * An operation has ended, whichever way.
   *
   * @param began of {@linkcode ReadScheduler.began}
   */
  ended(began: number): void {
    this.#enter();
    this.#underWay--;
    if (began !== this.#turn) this.#completed++;
  }

  /**
   * Reads at once or, where others may be ready, after them.
   *
   * @param read is called back in this call or later
   */
  read(read: WaitingRead): void {
    if (this.#isUnfinished || this.#completed >= BUDGET) {
      this.#waiting.push(read);
    } else read.readNow();
  }

  /**
   * A turn is noticed by what first happens in it, and ends when nothing is left
   * to be called. With few operations under way it does not matter.
   */
  #enter(): void {
    if (this.#isInTurn || this.#underWay < BUDGET) return;
    this.#isInTurn = true;
    process.nextTick(this.#leave);
  }

  #leave = (): void => {
    const isFull = this.#completed >= BUDGET && this.#underWay > 0;
    this.#isInTurn = false;
    this.#completed = 0;
    this.#turn++;
    if (isFull) {
      this.#isUnfinished = true;
      this.#idle = 0;
      if (!this.#isLooking) setImmediate(this.#look);
      this.#isLooking = true;
    } else if (this.#isUnfinished || this.#waiting.length > 0) this.#finish();
  };

  /** It may have been full by chance, and nothing more comes. */
  #look = (): void => {
    this.#isLooking = this.#isUnfinished && ++this.#idle < MAX_IDLE_ROUNDS;
    if (this.#isLooking) setImmediate(this.#look);
    else if (this.#isUnfinished) this.#finish();
  };

  /** Everybody had a turn: the next round begins. */
  #finish = (): void => {
    this.#isUnfinished = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const read of waiting) read.readNow();
  };
}
