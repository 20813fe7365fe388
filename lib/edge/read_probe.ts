/**
 * Detects that clients wait for a read while the runtime reads data that it shows
 * to nobody, for example PINGs of other clients.
 *
 * The runtime polls all pending operations in one Tokio task, with a budget of 128
 * reads and writes for each poll. An operation that finds no budget left is put off
 * until the operating system has been asked for input, and the operations that
 * were put off are polled in reverse order then (seen in Deno 2.9.6). The read of a client
 * that floods PINGs never ends. So the first and the last such read take
 * the whole budget in turn, and reads between them wait without a limit.
 *
 * A message port is read by an operation, too. Its message arrives in the next turn
 * of the event loop, unless the budget is used up. Reads that use it up bring a
 * hundred messages or so. If they bring none, the runtime shows them to nobody.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { lastHearing } from "../hearing.ts";

/** Turns in which the message does not arrive while reads starve; without that it takes 2 at most. */
const LATE = 8;

/** Messages of clients that show what the budget was used for. */
const SEEN = 16;

/**
 * Turns of the event loop in one look. The runtime asks for input once in about 30,
 * and only the turn behind that has reads before the port's.
 */
const TURNS = 64;

/** Sends messages to itself. */
export class ReadProbe {
  readonly #channel = new MessageChannel();
  #isStopped = false;
  /** Turns that the message has been on its way. */
  #turns = 0;
  /** The last activity of a client before it was sent, or before the last call of `isLate`. */
  #heard = 0;
  #received: () => void = () => {};

  /** Starts without a message. */
  constructor() {
    this.#channel.port1.onmessage = () => this.#received();
  }

  /**
   * Whether the message is late at the moment, as it may starve itself, and few
   * messages of clients have arrived since the last call.
   */
  isLate(): boolean {
    const heard = lastHearing() - this.#heard;
    this.#heard = lastHearing();
    return this.#turns >= LATE && heard < SEEN;
  }

  /**
   * Whether reads starve. That takes half a millisecond, or longer where they do; no
   * second call before that.
   */
  async isStarving(): Promise<boolean> {
    for (let turn = 0; turn < TURNS && !this.#isStopped; turn++) {
      await this.#exchange();
      if (this.isLate()) return true;
    }
    return false;
  }

  /** Ends a call of {@linkcode ReadProbe.isStarving}; there can be none after that. */
  stop(): void {
    this.#isStopped = true;
    this.#channel.port1.close();
    this.#channel.port2.close();
  }

  /** Sends a message; resolves when it has arrived. */
  async #exchange(): Promise<void> {
    let isHere = false;
    this.#received = () => isHere = true;
    this.#turns = 0;
    this.#heard = lastHearing();
    this.#channel.port2.postMessage(undefined);
    for (; !isHere && !this.#isStopped; this.#turns++) await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
