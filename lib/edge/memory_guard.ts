/**
 * Bounds what the runtime holds of messages that are not complete. It collects
 * their fragments without a limit, and shows nothing of them: neither the account
 * nor any event tells which connection they arrive on. What is known is that the
 * process grows, and that such a connection brings no message meanwhile.
 *
 * So where the process has grown by more than the account explains, and goes on
 * growing, connections that have brought no message for some 300 ms are closed with
 * 1001, the newest first. Clients that send messages are not affected.
 *
 * @module
 */

import { latestActivity } from "../scheduling/activity.ts";
import {
  growthOf,
  type Look,
  UNEXPLAINED,
  unexplainedBytes,
} from "../memory/unexplained.ts";
import type { Service } from "../listener/service.ts";
import { EdgeConnection } from "./connection/connection.ts";

/** Milliseconds between two looks. */
const LOOK = 50;

/**
 * Looks without a message after which a client counts as silent. A service that is
 * busy takes fewer looks, so that a message may wait for it.
 */
const SILENT = 6;

/** Part of the silent connections that is closed after a look. */
const SHARE = 1 / 2;

/** Looks at the process while a listener runs. */
export class MemoryGuard {
  readonly #service: Service;
  readonly #growth: () => Look;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #allowed: number;
  /** The last activity before each of the latest looks, the oldest first. */
  readonly #heard: number[] = [];

  /**
   * Starts looking.
   *
   * @param service whose connections may be closed
   * @param unexplained bytes that the account does not explain
   */
  constructor(
    service: Service,
    unexplained: () => number = unexplainedBytes(service.memory),
  ) {
    this.#service = service;
    this.#growth = growthOf(unexplained);
    const { processLimit } = service.memory;
    this.#allowed = Math.max(processLimit, UNEXPLAINED / 2);
    this.#timer = setInterval(() => this.#look(), LOOK);
    Deno.unrefTimer(this.#timer);
  }

  /** Stops looking. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#heard.push(latestActivity());
    if (this.#heard.length > SILENT) this.#heard.shift();
    const { bytes, isGrowing } = this.#growth();
    if (!isGrowing) return;
    if (bytes > 2 * this.#allowed) this.#evict(1);
    else if (bytes > this.#allowed) this.#evict(SHARE);
  }

  #evict(share: number): void {
    const since = this.#heard[0]!;
    const silent = [...this.#service.sessions.list()]
      .filter((connection) => connection instanceof EdgeConnection)
      .filter(({ isOpen, lastActivity }) => isOpen && lastActivity <= since)
      .sort((one, other) => other.openedAt - one.openedAt);
    const count = Math.ceil(silent.length * share);
    for (const connection of silent.slice(0, count)) connection.evict();
  }
}
