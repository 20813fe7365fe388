/**
 * The charge of one buffer.
 *
 * @module
 */

import type { MemoryCharge } from "./account.ts";

/** Bytes of the smallest change that is charged. */
const STEP = 4096;

/** Keeps the charge of a buffer up to date, in steps of at least 4 KiB. */
export class Held {
  readonly #charge: Pick<MemoryCharge, "add">;
  #charged = 0;

  /** Starts with 0 bytes. */
  constructor(charge: Pick<MemoryCharge, "add">) {
    this.#charge = charge;
  }

  /**
   * Sets the size of the buffer.
   *
   * @param bytes size of the whole buffer
   */
  set(bytes: number): void {
    const change = bytes - this.#charged;
    if (change < STEP && (change > -STEP)) return;
    this.#charged = bytes;
    this.#charge.add(change);
  }
}
