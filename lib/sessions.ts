/**
 * Who is connected: the list that ESP-IDF's `httpd_get_client_list` gives.
 *
 * @module
 */

import type { Connection } from "./websocket.ts";

/** The open connections of this instance, on all listeners. */
export class Sessions {
  readonly #limit: number;
  readonly #prefix = crypto.randomUUID().slice(0, 8);
  readonly #connections = new Map<string, Connection>();
  #serial = 0;
  #reserved = 0;
  #emptied: PromiseWithResolvers<void> | undefined;

  /**
   * Makes an empty list.
   *
   * @param limit connections at most, those in their handshake included
   */
  constructor(limit: number) {
    this.#limit = limit;
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
    if (this.size >= this.#limit) return false;
    this.#reserved++;
    return true;
  }

  /** Gives back the place of a handshake that failed. */
  release(): void {
    this.#reserved--;
    this.#settle();
  }

  /** A new id, different from those of other instances. */
  nextId(): string {
    return `${this.#prefix}-${++this.#serial}`;
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
    this.#connections.delete(connection.id);
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

  /**
   * Starts the closing handshake with everybody.
   *
   * @param code the close code for all
   * @param reason the reason for all
   */
  closeAll(code: number, reason: string): void {
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

  #settle(): void {
    if (this.size > 0) return;
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }
}
