/**
 * Memory that handlers hold apart from connections and requests, such as the journals.
 *
 * @module
 */

import type { MemoryAccount } from "./account.ts";

/** Memory that belongs to no connection and no request. */
export interface HeldMemory {
  /** Whether at least half of the limit is held: the holder should free what it can. */
  readonly isTight: boolean;
  /**
   * Charges memory.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   */
  charge(bytes: number): void;
}

/** Memory that no account limits. */
export const NO_ACCOUNT: HeldMemory = { isTight: false, charge() {} };

/**
 * Opens a charge for such memory.
 *
 * @param account of the thread
 */
export function heldMemory(account: MemoryAccount): HeldMemory {
  const charge = account.open();
  return {
    get isTight() {
      return account.isTight;
    },
    charge: (bytes) => charge.add(bytes),
  };
}
