/**
 * The open connections of an instance and the limit to their number: the counterpart of
 * ESP-IDF's `httpd_get_client_list`.
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
   * Whether a new connection above the limit takes the slot of the least recently active
   * connection, which is closed with 1013 (ESP-IDF's `lru_purge_enable`).
   * @default false
   */
  readonly purge?: boolean;
  /**
   * Name of the instance.
   * @default a random name
   */
  readonly instance?: string | undefined;
  /** Memory in which several threads count their slots; see {@linkcode ConnectionSlots}. */
  readonly connectionSlots?: SharedArrayBuffer | undefined;
}

/** The open connections of this instance, on all listeners. */
export class Sessions {
  /** Name of this instance, with which every id begins. */
  readonly instance: string;
  readonly #limit: number;
  readonly #connectionSlots: ConnectionSlots;
  readonly #purges: boolean;
  readonly #connections = new ChurnMap<string, Connection>();
  #serial = 0;
  #reserved = 0;
  /** Connections that lost their slot and are not closed yet. */
  readonly #purged = new ChurnSet<Connection>();
  #isClosed = false;
  #emptied: PromiseWithResolvers<void> | undefined;

  /**
   * Starts without connections.
   *
   * @param limit maximum number of connections, handshakes included
   * @param options behaviour above the limit
   */
  constructor(limit: number, options: SessionsOptions = {}) {
    this.instance = options.instance ?? crypto.randomUUID().slice(0, 8);
    this.#limit = limit;
    this.#connectionSlots = new ConnectionSlots(limit, options.connectionSlots);
    this.#purges = options.purge ?? false;
  }

  /** Connections and handshakes of all threads, without those that lost their slot. */
  get total(): number {
    return this.#connectionSlots.taken;
  }

  /** Connections and handshakes of this thread. */
  get size(): number {
    return this.#connections.size + this.#reserved;
  }

  /**
   * Takes a slot for a handshake. {@linkcode Sessions.add} turns the slot into a session;
   * {@linkcode Sessions.release} gives it back.
   *
   * @returns false if no slot is free
   */
  reserve(): boolean {
    // Another thread may take the slot that the purge has freed.
    while (!this.#connectionSlots.take()) if (!this.#purge()) return false;
    this.#reserved++;
    return true;
  }

  /** Gives back the slot of a handshake that failed. */
  release(): void {
    this.#reserved--;
    this.#connectionSlots.release();
    this.#settle();
  }

  /** Makes an id that no other instance makes. */
  nextId(): string {
    return `${this.instance}-${++this.#serial}`;
  }

  /**
   * Turns a reserved slot into a session.
   *
   * @param connection the connection that has just opened
   */
  add(connection: Connection): void {
    this.#reserved--;
    this.#connections.set(connection.id, connection);
  }

  /**
   * Removes a connection that is closed.
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

  /** Whether {@linkcode Sessions.closeAll} was called; a later connection must close, too. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Starts the closing handshake of every connection.
   *
   * @param code the close code
   * @param reason the reason
   */
  closeAll(code: number, reason: string): void {
    this.#isClosed = true;
    for (const connection of this.#connections.values()) {
      connection.close(code, reason);
    }
  }

  /** Resolves when there is no connection and no handshake. */
  emptied(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    this.#emptied ??= Promise.withResolvers<void>();
    return this.#emptied.promise;
  }

  /**
   * Frees the slot of the least recently active connection. The number of closing
   * connections without a slot never exceeds the limit.
   */
  #purge(): boolean {
    if (!this.#purges || this.#purged.size >= this.#limit) return false;
    let leastActive: Connection | undefined;
    for (const connection of this.#connections.values()) {
      if (!connection.isOpen) continue;
      if (
        leastActive === undefined ||
        connection.lastActivity < leastActive.lastActivity
      ) {
        leastActive = connection;
      }
    }
    if (leastActive === undefined) return false;
    this.#purged.add(leastActive);
    this.#connectionSlots.release();
    leastActive.close(
      CLOSE_CODE.tryAgainLater,
      "a new connection takes the slot",
    );
    return true;
  }

  #settle(): void {
    if (this.size > 0) return;
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }
}
