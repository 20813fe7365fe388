/**
 * What a address limiter counts, where several threads count together.
 *
 * @module
 */

import { AddressRate } from "./address_rate.ts";
import { SharedAddressSlots } from "./shared_address_slots.ts";

/** Memory for threads to share. */
export interface LimiterMemory {
  /** Of the connections of each address. */
  readonly places: SharedArrayBuffer;
  /** Of the handshakes of each address. */
  readonly rate: SharedArrayBuffer;
  /** Of the wrong tokens of each address. */
  readonly failures: SharedArrayBuffer;
  /** When the clock of all was 0, in milliseconds since the epoch. */
  readonly epoch: number;
}

/** Makes empty counts. */
export function limiterMemory(): LimiterMemory {
  return {
    places: SharedAddressSlots.memory(),
    rate: AddressRate.memory(),
    failures: AddressRate.memory(),
    epoch: performance.timeOrigin,
  };
}

/**
 * The same time in all threads, whose own clocks start with them.
 *
 * @param memory says when it was 0
 * @returns a clock in milliseconds that never goes back
 */
export function commonClock({ epoch }: LimiterMemory): () => number {
  const offset = performance.timeOrigin - epoch;
  return () => offset + performance.now();
}
