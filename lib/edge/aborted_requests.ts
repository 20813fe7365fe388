/**
 * Requests whose client has gone. The runtime upgrades such a request all the
 * same, fires no event on its socket, and never closes its file.
 *
 * The runtime looks for the end of a client's input only behind the call that
 * brings the request. So a request that is upgraded within that call is safe
 * from a FIN, and a client that ends its output behind its request is answered.
 * A reset still leaks there. Therefore the requests of an address wait, after a
 * failed upgrade of it, until the runtime has looked.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { Deadlines } from "../scheduling/deadlines.ts";
import { ChurnMap } from "../runtime/churn_map.ts";

/** Milliseconds for which an address is remembered after a failed upgrade. */
const MEMORY = 30_000;

/** Decides which requests of a listener are upgraded at once. */
export class AbortedRequests {
  /** Failed upgrades by address. */
  readonly #failures = new ChurnMap<string, number>();
  readonly #memory: Deadlines<{ readonly address: string }>;

  /**
   * Starts without an upgrade.
   *
   * @param memory milliseconds for which a failed upgrade counts
   */
  constructor(memory: number = MEMORY) {
    this.#memory = new Deadlines(
      memory,
      ({ address }) => this.#count(address, -1),
    );
  }

  /**
   * Whether a request is to be upgraded within the call that brings it.
   *
   * @param address its client's
   */
  mayUpgradeAtOnce(address: string): boolean {
    return !this.#failures.has(address);
  }

  /**
   * Waits until the runtime has looked whether the client is there. The request
   * has to be upgraded before anything else is waited for.
   *
   * @param request is about to be upgraded
   * @returns whether the client has gone
   */
  async isGone(request: Request): Promise<boolean> {
    // It tells only what happens once it exists.
    const { signal } = request;
    // Between immediates alone the runtime hardly ever asks what has arrived, and
    // what it is told then takes its time to reach the request.
    await new Promise((resolve) => setTimeout(resolve, 0));
    // Immediates run behind the operations that abort signals; timers run in front
    // of them, and do not see the latest.
    await turn();
    // What the runtime has seen by now may reach the signal in the next turn only.
    // It hardly ever looks for more between an immediate and the one that it sets.
    await turn();
    return signal.aborted;
  }

  /**
   * An upgrade has come to nothing.
   *
   * @param address its client's
   */
  failed(address: string): void {
    this.#count(address, 1);
    this.#memory.add({ address });
  }

  /** Forgets what failed. */
  clear(): void {
    this.#memory.clear();
    this.#failures.clear();
  }

  #count(address: string, change: number): void {
    const failures = (this.#failures.get(address) ?? 0) + change;
    if (failures === 0) this.#failures.delete(address);
    else this.#failures.set(address, failures);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
