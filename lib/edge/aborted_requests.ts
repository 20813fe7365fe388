/**
 * Detects requests whose client disconnected before the upgrade. The runtime
 * upgrades such requests, fires no event on the socket, and leaks the file
 * descriptor (seen in Deno 2.9.6).
 *
 * The runtime detects the end of a client's input only after the call that delivers
 * the request. An upgrade within that call works for a client that sends a FIN right
 * after its request. A reset leaks there. So after a
 * failed upgrade the requests of that address wait until the runtime has checked
 * the connection.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { ChurnMap } from "../runtime/churn_map.ts";
import { Deadlines } from "../scheduling/deadlines.ts";

/** Milliseconds that a failed upgrade counts for its address. */
const FAILURE_LIFETIME = 30_000;

/** Decides which requests of a listener are upgraded at once. */
export class AbortedRequests {
  /** Failed upgrades by address. */
  readonly #failures = new ChurnMap<string, number>();
  readonly #expiries: Deadlines<{ readonly address: string }>;

  /**
   * Starts without a failed upgrade.
   *
   * @param lifetime milliseconds that a failed upgrade counts
   */
  constructor(lifetime: number = FAILURE_LIFETIME) {
    this.#expiries = new Deadlines(
      lifetime,
      ({ address }) => this.#count(address, -1),
    );
  }

  /**
   * Whether to upgrade a request within the call that delivers it.
   *
   * @param address the client's
   */
  mayUpgradeAtOnce(address: string): boolean {
    return !this.#failures.has(address);
  }

  /**
   * Waits until the runtime has checked the connection of a request. Upgrade the
   * request right after that, without another `await`.
   *
   * @param request the request to upgrade
   * @returns whether the client has disconnected
   */
  async isAborted(request: Request): Promise<boolean> {
    // The signal reports only what happens after its creation.
    const { signal } = request;
    // Between immediates the runtime hardly ever polls for input; a timer makes it poll.
    await new Promise((resolve) => setTimeout(resolve, 0));
    // Immediates run after the operations that abort signals, timers before them.
    await nextTurn();
    // The result of the poll may reach the signal one turn later. Between an
    // immediate and the next one the runtime hardly ever polls again.
    await nextTurn();
    return signal.aborted;
  }

  /**
   * Counts a failed upgrade.
   *
   * @param address the client's
   */
  upgradeFailed(address: string): void {
    this.#count(address, 1);
    this.#expiries.add({ address });
  }

  /** Forgets all failures and stops the timer. */
  clear(): void {
    this.#expiries.clear();
    this.#failures.clear();
  }

  #count(address: string, change: number): void {
    const failures = (this.#failures.get(address) ?? 0) + change;
    if (failures === 0) this.#failures.delete(address);
    else this.#failures.set(address, failures);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
