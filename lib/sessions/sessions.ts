/**
 * Who is connected: the list that ESP-IDF's `httpd_get_client_list` gives.
 *
 * @module
 */

import { CLOSE_CODE } from "../protocol/close_code.ts";
import { ConnectionSlots } from "../limits/connection_slots.ts";
import { ChurnMap, ChurnSet } from "../runtime/churn_map.ts";
import type { Connection } from "../websocket.ts";

/** Options of {@linkcode Sessions}. */
export interface SessionsOptions {
  /**
   * Whether a newcomer who finds all places taken gets the place of the peer that
   * was quiet longest, who is closed with 1013 (ESP-IDF's `lru_purge_enable`).
   * @default false
   */
  readonly purge?: boolean;
  /**
   * Names the instance.
   * @default a name that no other has
   */
  readonly instance?: string | undefined;
  /** Memory in which several threads count their places together; see {@linkcode ConnectionSlots}. */
  readonly connectionSlots?: SharedArrayBuffer | undefined;
}

/** The open connections of this instance, on all listeners. */
export class Sessions {
  /** Names this instance among those that run; every id begins with it. */
  readonly instance: string;
  readonly #limit: number;
  readonly #connectionSlots: ConnectionSlots;
  readonly #purges: boolean;
  readonly #connections = new ChurnMap<string, Connection>();
  #serial = 0;
  #reserved = 0;
  /** Peers that had to make room and have not left yet. */
  readonly #purged = new ChurnSet<Connection>();
  #isClosed = false;
  #emptied: PromiseWithResolvers<void> | undefined;

  /**
   * Makes an empty list.
   *
   * @param limit connections at most, those in their handshake included
   * @param options what happens above it
   */
  constructor(limit: number, options: SessionsOptions = {}) {
    this.instance = options.instance ?? crypto.randomUUID().slice(0, 8);
    this.#limit = limit;
    this.#connectionSlots = new ConnectionSlots(limit, options.connectionSlots);
    this.#purges = options.purge ?? false;
  }

  /** Those of all threads; of those that had to make room, none. */
  get total(): number {
    return this.#connectionSlots.taken;
  }

  /** Open connections and those in their handshake. */
  get size(): number {
    return this.#connections.size + this.#reserved;
  }

  /**
   * Takes a place for a handshake. Every place that was given is either turned
   * into a session by {@linkcode Sessions.add} or given back by
   * {@linkcode Sessions.release}.
   *
   * @returns false when all places are taken
   */
  reserve(): boolean {
    // The place that a purge makes may be another thread's before it is taken.
    while (!this.#connectionSlots.take()) if (!this.#purge()) return false;
    this.#reserved++;
    return true;
  }

  /** Gives back the place of a handshake that failed. */
  release(): void {
    this.#reserved--;
    this.#connectionSlots.release();
    this.#settle();
  }

  /** A new id, different from those of other instances. */
  nextId(): string {
    return `${this.instance}-${++this.#serial}`;
  }

  /**
   * Turns a reserved place into a session.
   *
   * @param connection the connection that has just opened
   */
  add(connection: Connection): void {
    this.#reserved--;
    this.#connections.set(connection.id, connection);
  }

  /**
   * Forgets a connection that is gone.
   *
   * @param connection one that was added
   */
  remove(connection: Connection): void {
    if (!this.#connections.delete(connection.id)) return;
    if (!this.#purged.delete(connection)) this.#connectionSlots.release();
    this.#settle();
  }

  /**
   * Looks a connection up.
   *
   * @param id the connection's id
   */
  get(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  /** The open connections, oldest first. */
  list(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Whether everybody was told to leave; who comes later has to be told, too. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Starts the closing handshake with everybody.
   *
   * @param code the close code for all
   * @param reason the reason for all
   */
  closeAll(code: number, reason: string): void {
    this.#isClosed = true;
    for (const connection of this.#connections.values()) {
      connection.close(code, reason);
    }
  }

  /** Resolves as soon as nobody is connected or connecting. */
  emptied(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    this.#emptied ??= Promise.withResolvers<void>();
    return this.#emptied.promise;
  }

  /**
   * Makes room. A peer that takes its time to leave is in nobody's way, but there
   * are never more of these than places.
   */
  #purge(): boolean {
    if (!this.#purges || this.#purged.size >= this.#limit) return false;
    let quietest: Connection | undefined;
    for (const connection of this.#connections.values()) {
      if (!connection.isOpen) continue;
      if (
        quietest === undefined ||
        connection.lastActivity < quietest.lastActivity
      ) {
        quietest = connection;
      }
    }
    if (quietest === undefined) return false;
    this.#purged.add(quietest);
    this.#connectionSlots.release();
    quietest.close(CLOSE_CODE.tryAgainLater, "a newcomer needs the place");
    return true;
  }

  #settle(): void {
    if (this.size > 0) return;
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }
}
