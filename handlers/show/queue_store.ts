/**
 * Queues of messages from several clients to one, within limits of number and size.
 *
 * @module
 */

import { type HeldMemory, NO_ACCOUNT } from "../../lib/memory/held_memory.ts";
import { RefusedError, retryLater } from "../../lib/protocol/http_error.ts";

/** Queues at a time. */
export const MAX_QUEUES = 1000;

/** Bytes that wait in all queues. */
export const MAX_QUEUED = 16 * 2 ** 20;

/** Milliseconds after which a queue without clients is removed. */
export const MAX_QUEUE_AGE = 60 * 60 * 1000;

/** Bytes of memory per message in addition to its text. */
const MESSAGE_BYTES = 64;

/** A message, or `undefined` for the end of the reader. */
export type Queued = string | undefined;

/** Gets the messages of a queue. */
export type Reader = (message: Queued) => void;

/** A queue; its store has created it. */
export class Queue {
  /** Messages that no reader has got. */
  readonly waiting: Queued[] = [];
  /** Clients that write. */
  writers = 0;
  /** The client that reads. */
  reader: Reader | undefined;
  /** When a client came or left, by the store's clock. */
  usedAt = 0;
}

/** Holds the queues. */
export class QueueStore {
  readonly #memory: HeldMemory;
  readonly #now: () => number;
  readonly #queues = new Map<string, Queue>();
  #held = 0;

  /**
   * Starts empty.
   *
   * @param memory is charged with the messages
   * @param now the clock in milliseconds
   */
  constructor(
    memory: HeldMemory = NO_ACCOUNT,
    now: () => number = () => performance.now(),
  ) {
    this.#memory = memory;
    this.#now = now;
  }

  /** Bytes that wait in all queues. */
  get held(): number {
    return this.#held;
  }

  /**
   * Checks that a client may join a queue.
   *
   * @param name of the queue
   * @param reads whether it reads
   * @throws {RefusedError} 409 if another client reads, 503 if there is no room
   */
  check(name: string, reads: boolean): void {
    this.#removeOld();
    const queue = this.#queues.get(name);
    if (reads && queue?.reader !== undefined) {
      throw new RefusedError(HAS_READER);
    }
    if (queue === undefined && this.#queues.size >= MAX_QUEUES) {
      throw new RefusedError(FULL);
    }
  }

  /**
   * Joins a queue, and makes it if there is none. A reader gets what waits.
   *
   * @param name of the queue
   * @param reader of the client; `undefined`: it writes
   * @throws {RefusedError} as for {@linkcode QueueStore.check}
   */
  join(name: string, reader: Reader | undefined): Queue {
    this.check(name, reader !== undefined);
    const queue = this.#queues.get(name) ?? new Queue();
    this.#queues.set(name, queue);
    queue.usedAt = this.#now();
    if (reader === undefined) queue.writers++;
    else {
      queue.reader = reader;
      this.#deliver(queue);
    }
    return queue;
  }

  /**
   * Leaves a queue. The last client of an empty queue removes it.
   *
   * @param name of the queue
   * @param queue that {@linkcode QueueStore.join} has returned
   * @param reader that it has got
   */
  leave(name: string, queue: Queue, reader: Reader | undefined): void {
    queue.usedAt = this.#now();
    if (reader === undefined) queue.writers--;
    else if (queue.reader === reader) queue.reader = undefined;
    const isUsed = queue.reader !== undefined || queue.writers > 0 ||
      queue.waiting.length > 0;
    if (!isUsed) this.remove(name, queue);
  }

  /**
   * Gives a message to the reader, or keeps it for the next one.
   *
   * @param queue of the writer
   * @param message of the writer
   * @throws {RefusedError} 503 if there is no room
   */
  send(queue: Queue, message: Queued): void {
    const { reader } = queue;
    if (reader === undefined) {
      const bytes = bytesOf(message);
      if (this.#held + bytes > MAX_QUEUED || this.#memory.isTight) {
        throw new RefusedError(FULL);
      }
      this.#hold(bytes);
      queue.waiting.push(message);
      return;
    }
    if (message === undefined) queue.reader = undefined;
    reader(message);
  }

  /**
   * Removes a queue and what waits in it; clients that have joined it keep it.
   *
   * @param name of the queue
   * @param queue the queue; another one of the name stays
   */
  remove(name: string, queue: Queue): void {
    for (const message of queue.waiting.splice(0)) {
      this.#hold(-bytesOf(message));
    }
    if (this.#queues.get(name) === queue) this.#queues.delete(name);
  }

  #deliver(queue: Queue): void {
    const { reader } = queue;
    while (queue.reader === reader && queue.waiting.length > 0) {
      const message = queue.waiting.shift();
      this.#hold(-bytesOf(message));
      // The end of the reader leaves the rest to the next one.
      if (message === undefined) queue.reader = undefined;
      reader!(message);
    }
  }

  #removeOld(): void {
    const oldest = this.#now() - MAX_QUEUE_AGE;
    for (const [name, queue] of this.#queues) {
      const { reader, writers, usedAt } = queue;
      const isLeft = reader === undefined && writers === 0;
      if (isLeft && usedAt <= oldest) this.remove(name, queue);
    }
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    this.#memory.charge(bytes);
  }
}

function bytesOf(message: Queued): number {
  // A letter takes up to two bytes in memory.
  return 2 * (message?.length ?? 0) + MESSAGE_BYTES;
}

const HAS_READER = {
  status: 409,
  message: "Another client reads from this channel.",
};

const FULL = retryLater(503, "There are too many channels or messages.");
