/**
 * Detects that the runtime spends its reads on data that it does not deliver, for
 * example on PINGs, while other clients wait for a read.
 *
 * The runtime polls all pending operations in one Tokio task, with a budget of 128
 * reads and writes for each poll. An operation that finds no budget left is put off
 * until the operating system has been asked for input. Operations that were put off
 * are then polled in reverse order (seen in Deno 2.9.6). The read of a client that
 * floods PINGs never ends, so the first and the last such read use up the whole
 * budget in turn. Reads between them wait without a limit.
 *
 * A message port is read by an operation, too. Its message arrives in the next turn
 * of the event loop, unless the budget is used up. Operations that use it up deliver a
 * hundred messages, or open or end a dozen connections. If they do not, the runtime does not
 * deliver what it reads.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Turns after which the port's message is late; without starvation it takes 2 at most. */
const LATE = 8;

/**
 * Turns and milliseconds after which it is late, too. A turn in which the runtime
 * reads empty fragments takes 100 ms.
 */
const LATE_AND_LONG = { turns: 3, time: 200 };

/** Events of connections that explain how the budget was used. */
const EXPLAINED = 16;

/**
 * Turns of the event loop in one check. The runtime asks for input once in about 30
 * turns, and only the turn after that has reads before the port's.
 */
const TURNS = 64;

/** Sends messages to itself. */
export class ReadProbe {
  readonly #eventCount: () => number;
  readonly #channel = new MessageChannel();
  #isStopped = false;
  /** Whether a message has been sent and has not arrived. */
  #isUnderway = false;
  /** Turns since the message was sent, or was last found to be late. */
  #turns = 0;
  /** Time of the same moment. */
  #since = 0;
  /** Events of connections until that moment. */
  #events = 0;

  /**
   * Starts without a message.
   *
   * @param eventCount returns the messages and openings of connections, and the ends of
   * those of the edge listener, until now
   */
  constructor(eventCount: () => number) {
    this.#eventCount = eventCount;
    this.#channel.port1.onmessage = () => this.#isUnderway = false;
  }

  /**
   * Resolves to true as soon as reads are found to starve, to false after 64 turns of
   * the event loop; those take half a millisecond while the process is idle. Timers do
   * not fire while reads starve, so call it again at once. Do not call it before the
   * last call has resolved.
   */
  async isStarving(): Promise<boolean> {
    for (let turn = 0; turn < TURNS && !this.#isStopped; turn++) {
      if (!this.#isUnderway) this.#send();
      await nextTurn();
      this.#turns++;
      if (!this.#isUnderway || !this.#isLate()) continue;
      const before = this.#events;
      this.#restart();
      if (this.#events - before < EXPLAINED) return true;
    }
    return false;
  }

  /** Ends a call of {@linkcode ReadProbe.isStarving}; no call may follow. */
  stop(): void {
    this.#isStopped = true;
    this.#channel.port1.close();
    this.#channel.port2.close();
  }

  #send(): void {
    this.#isUnderway = true;
    this.#restart();
    this.#channel.port2.postMessage(undefined);
  }

  #restart(): void {
    this.#turns = 0;
    this.#since = performance.now();
    this.#events = this.#eventCount();
  }

  #isLate(): boolean {
    if (this.#turns >= LATE) return true;
    const { turns, time } = LATE_AND_LONG;
    return this.#turns >= turns && performance.now() - this.#since >= time;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
