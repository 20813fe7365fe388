/**
 * Counts the connections of clients, for steps that depend on earlier connections.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { ClientHistory } from "../engine/step.ts";

/** States that are kept at most; the least recently used one is dropped. */
const MAX_STATES = 4096;

/** Milliseconds after which an unused state is dropped: one hour. */
const MAX_AGE = 3_600_000;

interface State {
  count: number;
  readonly firstAt: number;
  usedAt: number;
}

/** The states of the clients of one thread. */
export class ClientStates {
  /** In the order of their last use. */
  readonly #states = new Map<string, State>();

  /** Number of states. */
  get size(): number {
    return this.#states.size;
  }

  /**
   * Counts a connection.
   *
   * @param client the client's key
   * @param step the notation of the step: each step counts for itself
   */
  history(client: string, step: string): ClientHistory {
    let state: State | undefined;
    const counted = () => state ??= this.#count(client, step);
    return {
      count: () => counted().count,
      elapsed: () => performance.now() - counted().firstAt,
    };
  }

  #count(client: string, step: string): State {
    const now = performance.now();
    const key = createHash("sha1").update(`${client}\n${step}`).digest("hex");
    const known = this.#states.get(key);
    this.#states.delete(key);
    const state = known !== undefined && now - known.usedAt <= MAX_AGE
      ? known
      : { count: 0, firstAt: now, usedAt: now };
    state.count++;
    state.usedAt = now;
    this.#states.set(key, state);
    if (this.#states.size > MAX_STATES) {
      const [oldest] = this.#states.keys();
      this.#states.delete(oldest!);
    }
    return state;
  }
}
