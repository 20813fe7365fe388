/**
 * Values by their keys, within limits of number, size and age.
 *
 * @module
 */

import { type HeldMemory, NO_ACCOUNT } from "../../lib/memory/held_memory.ts";
import { RefusedError, retryLater } from "../../lib/protocol/http_error.ts";
import { Watchers } from "../../lib/scheduling/watchers.ts";

/** Values at a time. */
export const MAX_VALUES = 1000;

/** Bytes of a value. */
export const MAX_VALUE = 64 * 1024;

/** Bytes of all values. */
export const MAX_VALUES_BYTES = 16 * 2 ** 20;

/** Milliseconds after which a value is removed: a long run of tests. */
export const MAX_VALUE_AGE = 60 * 60 * 1000;

/** A value. */
export interface Value {
  /** Its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether they came as a text: in a TEXT message, or as UTF-8 in a body. */
  readonly isText: boolean;
}

interface Stored extends Value {
  readonly storedAt: number;
}

/** Holds the values. */
export class StashStore {
  readonly #memory: HeldMemory;
  readonly #now: () => number;
  /** The oldest first. */
  readonly #values = new Map<string, Stored>();
  readonly #watchers = new Watchers();
  #held = 0;

  /**
   * Starts empty.
   *
   * @param memory is charged with the values
   * @param now the clock in milliseconds
   */
  constructor(
    memory: HeldMemory = NO_ACCOUNT,
    now: () => number = () => performance.now(),
  ) {
    this.#memory = memory;
    this.#now = now;
  }

  /** Bytes of all values. */
  get held(): number {
    return this.#held;
  }

  /**
   * Returns a value.
   *
   * @param key of the value
   */
  get(key: string): Value | undefined {
    this.#removeOld();
    return this.#values.get(key);
  }

  /**
   * Keeps a value in place of an earlier one.
   *
   * @param key of the value
   * @param value is not copied
   * @throws {RefusedError} 413 if it is too long, 503 if there is no room
   */
  set(key: string, value: Value): void {
    const { length } = value.bytes;
    if (length > MAX_VALUE) throw new RefusedError(TOO_LONG);
    this.#removeOld();
    const before = this.#values.get(key);
    const grows = length - (before?.bytes.length ?? 0);
    const isFull = before === undefined && this.#values.size >= MAX_VALUES ||
      this.#held + grows > MAX_VALUES_BYTES ||
      grows > 0 && this.#memory.isTight;
    if (isFull) throw new RefusedError(FULL);
    this.#values.delete(key);
    this.#values.set(key, { ...value, storedAt: this.#now() });
    this.#hold(grows);
    this.#watchers.notify(key);
  }

  /**
   * Removes a value.
   *
   * @param key of the value
   * @returns the value, if there was one
   */
  take(key: string): Value | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#hold(-value.bytes.length);
    return value;
  }

  /**
   * Calls a function whenever a value is kept.
   *
   * @param key of the value
   * @param notify must not throw
   * @returns ends the calls
   */
  watch(key: string, notify: () => void): () => void {
    return this.#watchers.watch(key, notify);
  }

  #removeOld(): void {
    const oldest = this.#now() - MAX_VALUE_AGE;
    for (const [key, { bytes, storedAt }] of this.#values) {
      if (storedAt > oldest) return;
      this.#values.delete(key);
      this.#hold(-bytes.length);
    }
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    this.#memory.charge(bytes);
  }
}

const TOO_LONG = {
  status: 413,
  message: `A value has at most ${MAX_VALUE} bytes.`,
};

const FULL = retryLater(503, "The stash is full.");
