/**
 * Which other instances there are.
 *
 * @module
 */

/** Milliseconds between two signs of life. */
export const HEARTBEAT = 1000;

/** Milliseconds without a sign of life until an instance is taken for dead. */
export const LIFETIME = 3 * HEARTBEAT;

/** Instances at most: whoever may publish could name any number of them. */
const MAX_INSTANCES = 1024;

/** The instances that gave a sign of life lately. */
export class Presence {
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();
  #lookingUntil = -Infinity;

  /**
   * Starts with nobody.
   *
   * @param now a clock in milliseconds that never goes back
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * An instance gave a sign of life.
   *
   * @param instance which one
   * @returns whether it is a new one
   */
  saw(instance: string): boolean {
    const isNew = !this.has(instance);
    if (isNew && this.#seen.size >= MAX_INSTANCES) {
      if (this.list().length >= MAX_INSTANCES) return false;
    }
    this.#seen.set(instance, this.#now());
    return isNew;
  }

  /**
   * An instance has left.
   *
   * @param instance which one
   */
  left(instance: string): void {
    this.#seen.delete(instance);
  }

  /**
   * Nobody could be heard until now: who was there before has its time anew, and
   * others may turn up.
   */
  hearsAgain(): void {
    const now = this.#now();
    for (const instance of this.#seen.keys()) this.#seen.set(instance, now);
    this.#lookingUntil = now + LIFETIME;
  }

  /**
   * Whether an instance is there, as far as is known.
   *
   * @param instance which one
   */
  has(instance: string): boolean {
    const seen = this.#seen.get(instance);
    return seen !== undefined && this.#now() - seen < LIFETIME;
  }

  /** Whether there may be instances that are not known (yet). */
  get isLooking(): boolean {
    return this.#now() < this.#lookingUntil;
  }

  /** Those that are there. */
  list(): string[] {
    for (const instance of this.#seen.keys()) {
      if (!this.has(instance)) this.#seen.delete(instance);
    }
    return [...this.#seen.keys()];
  }
}
