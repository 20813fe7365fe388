/**
 * Shared memory in which the address limiters of several threads count together.
 *
 * @module
 */

import { AddressRate } from "./address_rate.ts";
import { SharedAddressSlots } from "./shared_address_slots.ts";

/** Memory that threads share. */
export interface LimiterMemory {
  /** Connections of each address. */
  readonly slots: SharedArrayBuffer;
  /** Handshakes of each address. */
  readonly rate: SharedArrayBuffer;
  /** Wrong tokens of each address. */
  readonly failures: SharedArrayBuffer;
  /** The zero of {@linkcode commonClock}, in milliseconds since the epoch. */
  readonly epoch: number;
}

/** Makes empty counts. */
export function limiterMemory(): LimiterMemory {
  return {
    slots: SharedAddressSlots.memory(),
    rate: AddressRate.memory(),
    failures: AddressRate.memory(),
    epoch: performance.timeOrigin,
  };
}

/**
 * Makes a clock that shows the same time in all threads; `performance.now()` starts
 * anew in each.
 *
 * @returns a clock in milliseconds that never goes back
 */
export function commonClock({ epoch }: LimiterMemory): () => number {
  const offset = performance.timeOrigin - epoch;
  return () => offset + performance.now();
}
