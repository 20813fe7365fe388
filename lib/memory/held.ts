/**
 * What one buffer has charged.
 *
 * @module
 */

import type { MemoryCharge } from "./account.ts";

/** Bytes below which a change is not worth a call. */
const STEP = 4096;

/** Keeps the charge of something that grows and shrinks up to date, in steps. */
export class Held {
  readonly #charge: MemoryCharge;
  #charged = 0;

  /**
   * Starts with nothing charged.
   *
   * @param charge of the client
   */
  constructor(charge: MemoryCharge) {
    this.#charge = charge;
  }

  /**
   * Charges what is held now.
   *
   * @param bytes in all
   */
  set(bytes: number): void {
    const change = bytes - this.#charged;
    if (change < STEP && (change > -STEP)) return;
    this.#charged = bytes;
    this.#charge.add(change);
  }
}
