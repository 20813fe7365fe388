/**
 * Closes silent clients where the runtime does too much for clients that no event
 * shows. The runtime collects the fragments of a message without a limit, and
 * answers PINGs by itself. Neither the account nor any event tells which connection
 * they arrive on. What is known is that such a connection brings no message
 * meanwhile. There are two signs:
 *
 * - The process has grown by more than the account explains, and goes on growing.
 * - Reads starve, as {@linkcode ReadProbe} tells.
 *
 * Then connections that have brought no message for some 300 ms are closed with
 * 1001: first those that have brought no message at all, the newest first, then
 * those that have been silent for longest. Clients that send messages are not
 * affected. Where reads
 * starve, one connection is closed first, then twice as many each time, so that
 * few idle clients are closed with those that flood.
 *
 * @module
 */

import { lastHearing } from "../hearing.ts";
import {
  growthOf,
  type Look,
  UNEXPLAINED,
  unexplainedBytes,
} from "../memory/unexplained.ts";
import type { Service } from "../service.ts";
import { EdgeConnection, type Eviction } from "./connection.ts";
import { ReadProbe } from "./read_probe.ts";

/** Milliseconds between two looks. */
const LOOK = 50;

/**
 * Looks without a message after which a client counts as silent. A service that is
 * busy takes fewer looks, so that a message may wait for it.
 */
const SILENT = 6;

/** Part of the silent connections that is closed after a look at a large process. */
const SHARE = 1 / 2;

/** Milliseconds that reads starve until a silent connection is closed. */
const STARVED = 200;

/** Milliseconds in which the connections that are closed at a look become twice as many. */
const DOUBLING = 100;

/** Messages during a look that explain the reads and writes: 128 of them are one turn. */
const BUSY = 1000;

/** What silent clients are closed for. */
export interface Signs {
  /** Bytes that the account does not explain. */
  readonly unexplained: () => number;
  /** Whether reads starve. */
  readonly probe: Pick<ReadProbe, "isStarving" | "isLate" | "stop">;
}

/** Looks for the signs while a listener runs. */
export class SilentClients {
  readonly #service: Service;
  readonly #growth: () => Look;
  readonly #probe: Signs["probe"];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #allowed: number;
  /** The last activity before each of the latest looks, the oldest first. */
  readonly #heard: number[] = [];
  #isProbing = false;
  /** When the probe was asked last, by `performance.now`, … */
  #probedAt = 0;
  /** … and the messages until then, or until reads were seen to starve. */
  #messagesBefore = 0;
  /** Looks until the probe is asked again: every second one while reads do not starve. */
  #pause = 0;
  /** When reads began to starve. */
  #starvedSince: number | undefined;

  /**
   * Starts looking.
   *
   * @param service whose connections may be closed
   * @param signs what is looked at
   */
  constructor(service: Service, signs: Partial<Signs> = {}) {
    const { memory } = service;
    const { unexplained = unexplainedBytes(memory), probe = new ReadProbe() } =
      signs;
    this.#service = service;
    this.#growth = growthOf(unexplained);
    this.#probe = probe;
    this.#allowed = Math.max(memory.processLimit, UNEXPLAINED / 2);
    this.#timer = setInterval(() => this.#look(), LOOK);
    Deno.unrefTimer(this.#timer);
  }

  /** Stops looking. */
  stop(): void {
    clearInterval(this.#timer);
    this.#probe.stop();
  }

  #look(): void {
    this.#heard.push(lastHearing());
    if (this.#heard.length > SILENT) this.#heard.shift();
    const { bytes, isGrowing } = this.#growth();
    if (isGrowing && bytes > this.#allowed) {
      const share = bytes > 2 * this.#allowed ? 1 : SHARE;
      this.#evict("memory", (silent) => Math.ceil(silent * share));
    }
    this.#lookAtReads();
  }

  #lookAtReads(): void {
    if (this.#isProbing) {
      if (this.#probe.isLate()) this.#starve();
      return;
    }
    // One client alone starves no other.
    if (this.#service.sessions.size < 2 || this.#pause-- > 0) return;
    this.#isProbing = true;
    this.#probedAt = performance.now();
    this.#messagesBefore = this.#messages();
    this.#probe.isStarving().then((isStarving) => {
      this.#isProbing = false;
      if (isStarving) this.#starve();
      else this.#starvedSince = undefined;
      this.#pause = isStarving ? 0 : 1;
    });
  }

  /** Reads have starved since the probe was asked, or before that. */
  #starve(): void {
    const before = this.#messagesBefore;
    this.#messagesBefore = this.#messages();
    if (this.#messagesBefore - before > BUSY) return;
    this.#starvedSince ??= this.#probedAt;
    const over = performance.now() - this.#starvedSince - STARVED;
    if (over < 0) return;
    const most = 2 ** Math.min(Math.floor(over / DOUBLING), 20);
    this.#evict("reads", (silent) => Math.min(most, Math.floor(silent / 2)));
  }

  /** Messages of all connections, received and sent. */
  #messages(): number {
    let sum = 0;
    for (const { traffic } of this.#service.sessions.list()) {
      sum += traffic.messagesReceived + traffic.messagesSent;
    }
    return sum;
  }

  /** Closes the first silent connections in the order of {@linkcode worstFirst}. */
  #evict(reason: Eviction, count: (silent: number) => number): void {
    const since = this.#heard[0]!;
    const silent = [...this.#service.sessions.list()]
      .filter((connection) => connection instanceof EdgeConnection)
      .filter(({ isOpen, lastHeard }) => isOpen && lastHeard <= since)
      .sort(worstFirst);
    for (const connection of silent.slice(0, count(silent.length))) {
      connection.evict(reason);
    }
  }
}

/**
 * Connections without any message, the newest first; then those with messages, the
 * one first that has been silent for longest.
 */
function worstFirst(one: EdgeConnection, other: EdgeConnection): number {
  const hasSent = one.traffic.messagesReceived > 0;
  if (hasSent !== other.traffic.messagesReceived > 0) return hasSent ? 1 : -1;
  return hasSent
    ? one.lastHeard - other.lastHeard
    : other.lastHeard - one.lastHeard;
}
