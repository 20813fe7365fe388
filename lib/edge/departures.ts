/**
 * Requests whose client has gone. The runtime upgrades such a request all the
 * same, fires no event on its socket, and never closes its file.
 *
 * The runtime looks for the end of a client's input only behind the call that
 * brings the request. So a request that is upgraded within that call is safe
 * from a FIN, and a client that ends its output behind its request is answered.
 * A reset still leaks there; therefore an address with several upgrades that
 * have not opened is checked: its requests wait until the runtime has looked.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { Deadlines } from "../deadlines.ts";
import { TransientMap } from "../transient.ts";

/** Upgrades of an address that may be under way until its requests are checked. */
const UNCHECKED = 8;

/** Milliseconds for which a failed upgrade counts. */
const MEMORY = 10_000;

/** Upgrades of an address that have not opened. */
interface Upgrades {
  /** Those that may open yet, … */
  pending: number;
  /** … and those that failed not long ago. */
  failed: number;
}

/** Decides which requests of a listener are upgraded at once. */
export class Departures {
  readonly #upgrades = new TransientMap<string, Upgrades>();
  readonly #failures: Deadlines<{ readonly address: string }>;

  /**
   * Starts without an upgrade.
   *
   * @param memory milliseconds for which a failed upgrade counts
   */
  constructor(memory: number = MEMORY) {
    this.#failures = new Deadlines(
      memory,
      ({ address }) => this.#change(address, 0, -1),
    );
  }

  /**
   * Whether a request is to be upgraded within the call that brings it.
   *
   * @param address its client's
   */
  mayUpgradeAtOnce(address: string): boolean {
    const upgrades = this.#upgrades.get(address);
    return upgrades === undefined ||
      upgrades.pending + upgrades.failed < UNCHECKED;
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
    await turn();
    // What the runtime has seen by now may reach the signal in the next turn only.
    // It looks for nothing new between an immediate and the one that it sets.
    await turn();
    return signal.aborted;
  }

  /**
   * A request is upgraded.
   *
   * @param address its client's
   */
  began(address: string): void {
    this.#change(address, 1, 0);
  }

  /**
   * The upgrade has become a connection.
   *
   * @param address of {@linkcode Departures.began}
   */
  opened(address: string): void {
    this.#change(address, -1, 0);
  }

  /**
   * The upgrade has come to nothing.
   *
   * @param address of {@linkcode Departures.began}
   */
  failed(address: string): void {
    this.#change(address, -1, 1);
    this.#failures.add({ address });
  }

  /** Forgets what failed. */
  clear(): void {
    this.#failures.clear();
    this.#upgrades.clear();
  }

  #change(address: string, pending: number, failed: number): void {
    const upgrades = this.#upgrades.get(address) ?? { pending: 0, failed: 0 };
    upgrades.pending += pending;
    upgrades.failed += failed;
    if (upgrades.pending + upgrades.failed === 0) {
      this.#upgrades.delete(address);
    } else {
      this.#upgrades.set(address, upgrades);
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
