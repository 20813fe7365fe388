/**
 * Connections at once of each address.
 *
 * @module
 */

/** AddressSlots that each address has for itself; what several instances share has this shape, too. */
export interface AddressSlots {
  /**
   * Takes a place.
   *
   * @param address whose
   * @returns false when the address has all of its places taken
   */
  take(address: string): boolean;
  /**
   * Gives a place back.
   *
   * @param address whose
   */
  give(address: string): void;
}

/** Counts connections by address; one that has none costs nothing. */
export class LocalAddressSlots implements AddressSlots {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /**
   * Makes empty counts.
   *
   * @param limit places of an address
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Addresses that have a connection. */
  get size(): number {
    return this.#counts.size;
  }

  /**
   * Takes a place; see {@linkcode AddressSlots.take}.
   *
   * @param address whose
   */
  take(address: string): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#limit) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  /**
   * Gives a place back; see {@linkcode AddressSlots.give}.
   *
   * @param address whose
   */
  give(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }
}
