/**
 * One receive buffer for all connections that hold no bytes: what waits for a
 * peer to say something takes no buffer of its own.
 *
 * That works where reads write to their buffer only in the moment in which they
 * end (`Socket.readsAtOnce`), and as long as all that a read brought is
 * handled before the next one. Where it is not, as a handler has returned a
 * promise or a write from the buffer is not finished, that connection keeps the
 * buffer, and the others get a new one.
 *
 * @module
 */

import { type Slot, slots } from "./memory.ts";

/** Bytes of it: what one read may bring. */
const SIZE = 64 * 1024;

/** Who reads into the shared slot while it holds nothing. */
export interface Sharer {
  /**
   * The shared slot has become somebody's own.
   *
   * @param before the slot that was shared until now
   */
  sharedSlotTaken(before: Slot): void;
}

/** The slot that is shared, and by whom. */
export class SharedSlot {
  #slot: Slot | undefined;
  readonly #sharers = new Set<Sharer>();

  /** The slot itself. */
  get slot(): Slot {
    return this.#slot ??= slots.take(SIZE);
  }

  /**
   * Lets somebody read into it.
   *
   * @param sharer is told when the slot changes
   */
  join(sharer: Sharer): void {
    this.#sharers.add(sharer);
  }

  /**
   * Ends a {@linkcode SharedSlot.join}.
   *
   * @param sharer one that has left the slot
   */
  leave(sharer: Sharer): void {
    this.#sharers.delete(sharer);
  }

  /**
   * Leaves the slot to one of those who share it; the others get a new one.
   *
   * @param keeper is not told, and shares no longer
   */
  takeOver(keeper: Sharer): void {
    const before = this.slot;
    this.#slot = undefined;
    this.#sharers.delete(keeper);
    for (const sharer of this.#sharers) sharer.sharedSlotTaken(before);
  }
}

/** The slot that all transports share. */
export const sharedSlot: SharedSlot = new SharedSlot();
