/**
 * Ends clients where the runtime does too much for clients that no event shows. The
 * runtime collects the fragments of a message without a limit, reads on from clients
 * whose HTTP response is not complete (`OpenRequests`), and answers PINGs by itself.
 * Neither the account nor any event tells which connection that is. There are two signs:
 *
 * - The process has grown by more than the account explains, and continues growing. Open
 *   HTTP requests are ended. If there is none, or if that does not help, silent clients
 *   are closed, too.
 * - Reads starve, as {@linkcode ReadProbe} detects. Silent clients are closed.
 *
 * A client is silent if it has sent no complete message for some 300 ms. It is closed with
 * 1001: first those that never sent a message, then those that have been silent for
 * longest. Where reads starve, one is closed first, then twice as many every 100 ms, so
 * that few idle clients are closed with those that flood. Their addresses are refused for
 * some time, so that they do not starve reads again at once.
 *
 * @module
 */

import {
  growthOf,
  type GrowthSample,
  UNEXPLAINED,
  unexplainedBytes,
} from "../memory/unexplained.ts";
import type { Service } from "../listener/service.ts";
import { line } from "../log/fields.ts";
import { ReadProbe } from "../runtime/read_probe.ts";
import { getLogger } from "../std/log.ts";
import { busySince, type Moment, moment } from "../scheduling/busy_time.ts";
import {
  eventCount,
  latestActivity,
  transitionCount,
  unaskedWrites,
} from "../scheduling/activity.ts";
import {
  EdgeConnection,
  type EvictionReason,
} from "./connection/connection.ts";
import type { RefusedAddresses } from "./refused_addresses.ts";

/** Milliseconds between two checks. */
const CHECK_INTERVAL = 50;

/**
 * Checks without a message after which a client counts as silent. A busy service
 * makes fewer checks, so that a message may wait for it.
 */
const SILENT_CHECKS = 6;

/**
 * Part of the open requests, and of the silent connections, that one check ends where
 * the process grows.
 */
const SHARE = 1 / 2;

/**
 * Multiples of the allowed growth. Above each, more is ended: all open requests, then
 * silent connections although there are requests, then all silent connections.
 */
const LEVEL = {
  allRequests: 1.25,
  connections: 1.5,
  allConnections: 2,
} as const;

/** Milliseconds that reads starve until a silent connection is closed. */
const STARVED = 200;

/** Milliseconds after which a check closes twice as many connections. */
const DOUBLING = 100;

/** Milliseconds without a use of the probe when there was no client to close. */
const NO_CLIENT_PAUSE = 1000;

/** Milliseconds that the write of a message takes, at most. */
const WRITE_TIME = 0.02;

/** Milliseconds that the opening or the end of a connection takes, at most. */
const TRANSITION_TIME = 0.25;

/** The signs that silent clients are closed for. */
export interface Signs {
  /** Returns the bytes that the account does not explain. */
  readonly unexplained: () => number;
  /** Detects that reads starve. */
  readonly probe: Pick<ReadProbe, "isStarving" | "stop">;
}

/** Checks for the signs while a listener runs. */
export class SilentClients {
  readonly #service: Service;
  readonly #refusedAddresses: RefusedAddresses;
  readonly #growth: () => GrowthSample;
  readonly #probe: Signs["probe"];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #allowed: number;
  /** The latest activity at each of the last checks, the oldest first. */
  readonly #activities: number[] = [];
  /** Time of the last one. */
  #checkedAt = 0;
  /** Whether the probe is in use. */
  #isProbing = false;
  /** Moment since which each use of the probe has found that reads starve. */
  #starvedSince: Moment | undefined;
  /** Counts at the last use of the probe that has not found it. */
  #otherWorkBefore = otherWork();
  /** Time until which there is no client to close. */
  #noClientUntil = 0;
  /** Whether the next check leaves the probe out. */
  #isPausing = false;

  /**
   * Starts checking.
   *
   * @param service whose connections may be closed
   * @param refusedAddresses gets the addresses of clients that starve reads
   * @param signs replaces the signs
   */
  constructor(
    service: Service,
    refusedAddresses: RefusedAddresses,
    signs: Partial<Signs> = {},
  ) {
    const { memory } = service;
    const {
      unexplained = unexplainedBytes(memory),
      probe = new ReadProbe(eventCount),
    } = signs;
    this.#service = service;
    this.#refusedAddresses = refusedAddresses;
    this.#growth = growthOf(unexplained);
    this.#probe = probe;
    this.#allowed = Math.max(memory.processLimit, UNEXPLAINED / 2);
    this.#timer = setInterval(() => this.#check(), CHECK_INTERVAL);
    Deno.unrefTimer(this.#timer);
  }

  /** Stops checking. */
  stop(): void {
    clearInterval(this.#timer);
    this.#probe.stop();
  }

  #check(): void {
    this.#recordActivity();
    this.#checkMemory();
    this.#isPausing = !this.#isPausing && this.#starvedSince === undefined;
    // One client alone starves no other.
    const isAlone = this.#service.sessions.size < 2 ||
      this.#checkedAt < this.#noClientUntil;
    if (!this.#isProbing && !this.#isPausing && !isAlone) this.#probeReads();
  }

  #recordActivity(): void {
    this.#checkedAt = performance.now();
    this.#activities.push(latestActivity());
    if (this.#activities.length > SILENT_CHECKS) this.#activities.shift();
  }

  #checkMemory(): void {
    const { bytes, isGrowing } = this.#growth();
    if (!isGrowing || bytes <= this.#allowed) return;
    const excess = bytes / this.#allowed;
    const areEnded = this.#endRequests(excess > LEVEL.allRequests ? 1 : SHARE);
    if (areEnded && excess <= LEVEL.connections) return;
    const share = excess > LEVEL.allConnections ? 1 : SHARE;
    this.#evict("memory", (silent) => Math.ceil(silent * share));
  }

  /** Ends a part of the open HTTP requests; returns whether there were any. */
  #endRequests(share: number): boolean {
    const { openRequests, observer } = this.#service;
    const count = openRequests.endSome(share);
    if (count === 0) return false;
    getLogger("httpd").warn(
      ...line`${{
        "requests": count,
      }} requests are ended: the process grows, and the runtime may read on from their clients`,
    );
    for (let i = 0; i < count; i++) observer.limited("MEMORY_LIMIT", "edge");
    return true;
  }

  /** Uses the probe once, and again as long as reads starve. */
  async #probeReads(): Promise<void> {
    this.#isProbing = true;
    const start = moment();
    let wasStarving = false;
    while (await this.#probe.isStarving()) {
      wasStarving = true;
      this.#noteStarvation(this.#starvedSince ??= start);
      if (performance.now() < this.#noClientUntil) break;
    }
    this.#isProbing = false;
    if (wasStarving && this.#checkedAt >= this.#noClientUntil) return;
    this.#starvedSince = undefined;
    this.#otherWorkBefore = otherWork();
  }

  /** Closes connections where reads have starved for long enough. */
  #noteStarvation(since: Moment): void {
    // Timers are late while reads starve.
    if (performance.now() - this.#checkedAt >= CHECK_INTERVAL) {
      this.#recordActivity();
    }
    const otherTime = otherWorkTime(this.#otherWorkBefore);
    // A process that waits for a processor cannot read, either.
    const over = busySince(since) - otherTime - STARVED;
    if (over < 0) return;
    const most = 2 ** Math.min(Math.floor(over / DOUBLING), 20);
    // Never the last one: alone it starves no other.
    this.#evict("reads", (silent) => Math.min(most, Math.floor(silent / 2)));
  }

  /** Closes the worst silent connections; `#worstFirst` has the order. */
  #evict(reason: EvictionReason, count: (silent: number) => number): void {
    const since = this.#activities[0]!;
    const clients = [...this.#service.sessions.list()]
      .filter((connection) => connection instanceof EdgeConnection);
    if (clients.length === 0) {
      this.#noClientUntil = performance.now() + NO_CLIENT_PAUSE;
    }
    const silent = clients
      .filter(({ isOpen, lastActivity }) => isOpen && lastActivity <= since);
    const worst = this.#worstFirst(silent);
    for (const connection of worst.slice(0, count(silent.length))) {
      connection.evict(reason);
      if (reason === "reads") this.#refusedAddresses.add(connection.client);
    }
  }

  /**
   * Sorts silent connections. Connections without any message come first: those of
   * refused addresses, then those of the address with the most of them; the newest
   * first. Then come connections with messages, in the order of their last message.
   */
  #worstFirst(silent: readonly EdgeConnection[]): EdgeConnection[] {
    const oldestFirst = silent.toSorted((one, other) =>
      one.lastActivity - other.lastActivity
    );
    const [mute = [], others = []] = [false, true].map((hasSent) =>
      oldestFirst.filter(({ traffic }) =>
        traffic.messagesReceived > 0 === hasSent
      )
    );
    const groups = [...Map.groupBy(mute.reverse(), ({ client }) => client)]
      .map(([address, connections]) => ({
        isRefused: this.#refusedAddresses.has(address),
        connections,
      }))
      .sort((one, other) =>
        Number(other.isRefused) - Number(one.isRefused) ||
        other.connections.length - one.connections.length
      );
    return [...groups.flatMap(({ connections }) => connections), ...others];
  }
}

/** Counts of what uses the budget of the event loop, too. */
interface OtherWork {
  /** Broadcasts. */
  readonly unasked: number;
  /** Clients that connect, or disconnect, at the same time. */
  readonly transitions: number;
}

function otherWork(): OtherWork {
  return { unasked: unaskedWrites(), transitions: transitionCount() };
}

/** Milliseconds that broadcasts, openings and ends have taken since then, at most. */
function otherWorkTime(since: OtherWork): number {
  const { unasked, transitions } = otherWork();
  return Math.max(unasked - since.unasked, 0) * WRITE_TIME +
    (transitions - since.transitions) * TRANSITION_TIME;
}
