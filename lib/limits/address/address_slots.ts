/**
 * Connection slots of each address.
 *
 * @module
 */

/** A number of connection slots for each address. */
export interface AddressSlots {
  /**
   * Takes a slot.
   *
   * @param address name of the address, by `addressKey()`
   * @returns false if the address has no free slot
   */
  take(address: string): boolean;
  /** Releases a slot. */
  release(address: string): void;
}

/** Counts the slots in one thread; an address without a connection takes no memory. */
export class LocalAddressSlots implements AddressSlots {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /**
   * Starts with all slots free.
   *
   * @param limit slots of an address
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Addresses that have a slot. */
  get size(): number {
    return this.#counts.size;
  }

  /**
   * Takes a slot; see {@linkcode AddressSlots.take}.
   */
  take(address: string): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  /**
   * Releases a slot; see {@linkcode AddressSlots.release}.
   */
  release(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }
}
