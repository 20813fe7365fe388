/**
 * The list of the other instances, kept by heartbeats.
 *
 * @module
 */

/** Milliseconds between two heartbeats. */
export const HEARTBEAT = 1000;

/** Milliseconds without a heartbeat after which an instance counts as dead. */
export const LIFETIME = 3 * HEARTBEAT;

/** Maximum number of instances: a client of the Redis could publish any number of names. */
const MAX_INSTANCES = 1024;

/** The instances whose heartbeat arrived lately. */
export class Presence {
  readonly #now: () => number;
  readonly #lastSeen = new Map<string, number>();
  #incompleteUntil = -Infinity;

  /**
   * Starts with an empty list.
   *
   * @param now a monotonic clock in milliseconds
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Records a heartbeat.
   *
   * @param instance the sender
   * @returns whether the instance is new
   */
  add(instance: string): boolean {
    const isNew = !this.has(instance);
    if (isNew && this.#lastSeen.size >= MAX_INSTANCES) {
      if (this.list().length >= MAX_INSTANCES) return false;
    }
    this.#lastSeen.set(instance, this.#now());
    return isNew;
  }

  /**
   * Removes an instance that has shut down.
   *
   * @param instance its name
   */
  remove(instance: string): void {
    this.#lastSeen.delete(instance);
  }

  /**
   * Renews all entries after the channel was closed for a time, and counts the list as
   * incomplete until a heartbeat of every instance must have arrived.
   */
  renew(): void {
    const now = this.#now();
    for (const instance of this.#lastSeen.keys()) {
      this.#lastSeen.set(instance, now);
    }
    this.#incompleteUntil = now + LIFETIME;
  }

  /**
   * Whether an instance is in the list.
   *
   * @param instance its name
   */
  has(instance: string): boolean {
    const lastSeen = this.#lastSeen.get(instance);
    return lastSeen !== undefined && this.#now() - lastSeen < LIFETIME;
  }

  /** Whether there may be instances that are not in the list yet. */
  get isIncomplete(): boolean {
    return this.#now() < this.#incompleteUntil;
  }

  /** The instances in the list. */
  list(): string[] {
    for (const instance of this.#lastSeen.keys()) {
      if (!this.has(instance)) this.#lastSeen.delete(instance);
    }
    return [...this.#lastSeen.keys()];
  }
}
