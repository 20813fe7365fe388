/**
 * The journals by their names, within limits of number, size and age.
 *
 * @module
 */

import { type HeldMemory, NO_ACCOUNT } from "../../lib/memory/held_memory.ts";
import { RefusedError, retryLater } from "../../lib/protocol/http_error.ts";
import { yieldToOthers } from "../../lib/scheduling/scheduler.ts";
import type { ListenerName } from "../../lib/websocket.ts";
import { type Budget, ConnectionRecord } from "./record/connection_record.ts";
import type { Journal } from "./record/journal.ts";
import { Watchers } from "../../lib/scheduling/watchers.ts";

/** Journals at a time: a test suite of a thousand cases, each with its own. */
export const MAX_JOURNALS = 1000;

/** Connections of a journal: a test of reconnects makes a few dozen. */
export const MAX_CONNECTIONS = 100;

/** Bytes of all journals: about a hundred thousand entries. */
export const MAX_BYTES = 64 * 2 ** 20;

/** Bytes of a journal: about ten thousand entries. Its JSON is two or three times as long. */
export const MAX_JOURNAL_BYTES = 8 * 2 ** 20;

/** Milliseconds without a new entry after which a journal is removed: a debugging session. */
export const MAX_AGE = 60 * 60 * 1000;

/** Data of a connection to be recorded. */
export interface ConnectionInfo {
  /** The listener of the connection. */
  readonly listener: ListenerName;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
}

interface StoredJournal extends Journal {
  readonly connections: ConnectionRecord[];
  removed: number;
  /** Memory for its records. */
  readonly budget: Budget;
  /** Number of the next connection. */
  next: number;
  /** Time of the last change. */
  changedAt: number;
}

/** Holds the journals. */
export class Journals {
  #memory: HeldMemory;
  readonly #now: () => number;
  readonly #journals = new Map<string, StoredJournal>();
  /** Functions to call after a change, by the name of the journal. */
  readonly #watchers = new Watchers();
  /** Names of the journals whose changes are to be told. */
  readonly #notifying = new Set<string>();
  #held = 0;

  /**
   * Starts without journals.
   *
   * @param memory is charged with the entries
   * @param now the clock in milliseconds
   */
  constructor(
    memory: HeldMemory = NO_ACCOUNT,
    now: () => number = () => performance.now(),
  ) {
    this.#memory = memory;
    this.#now = now;
  }

  /**
   * Charges the entries to an account from now on. The program makes the journals before
   * the server has one.
   *
   * @param memory of the server
   */
  account(memory: HeldMemory): void {
    this.#memory.charge(-this.#held);
    memory.charge(this.#held);
    this.#memory = memory;
  }

  /** Bytes of all journals. */
  get held(): number {
    return this.#held;
  }

  /** Number of journals. */
  get size(): number {
    return this.#journals.size;
  }

  /**
   * Returns a journal.
   *
   * @param name its key
   */
  get(name: string): Journal | undefined {
    this.#removeOld();
    return this.#journals.get(name);
  }

  /**
   * Begins the record of a connection, in a new journal or in that of the name.
   *
   * @param name of the journal
   * @param info listener and client
   * @throws {RefusedError} 503, every place is taken by connections that are not over
   */
  begin(name: string, info: ConnectionInfo): ConnectionRecord {
    this.#removeOld();
    const journal = this.#journals.get(name) ?? this.#add(name);
    if (journal.connections.length >= MAX_CONNECTIONS) {
      this.#removeEnded(journal);
    }
    const record = new ConnectionRecord({
      ...info,
      id: journal.next++,
      budget: journal.budget,
      changed: () => this.#changed(journal),
    });
    journal.connections.push(record);
    this.#changed(journal);
    return record;
  }

  /**
   * Removes a journal. Its open connections are not recorded any more.
   *
   * @param name its key
   * @returns whether there was one
   */
  remove(name: string): boolean {
    const journal = this.#journals.get(name);
    if (journal === undefined) return false;
    this.#journals.delete(name);
    for (const record of journal.connections) record.discard();
    this.#notify(name);
    return true;
  }

  /**
   * Calls a function after changes of a journal, which need not exist yet. Changes that
   * follow each other, as the frames of one read do, cause one call.
   *
   * @param name of the journal
   * @param notify must not throw
   * @returns ends the calls
   */
  watch(name: string, notify: () => void): () => void {
    return this.#watchers.watch(name, notify);
  }

  #add(name: string): StoredJournal {
    if (this.#journals.size >= MAX_JOURNALS && !this.#removeOldest()) {
      throw new RefusedError(FULL);
    }
    const journal: StoredJournal = {
      name,
      connections: [],
      removed: 0,
      budget: this.#budget(),
      next: 1,
      changedAt: this.#now(),
    };
    this.#journals.set(name, journal);
    return journal;
  }

  #removeEnded(journal: StoredJournal): void {
    const index = journal.connections.findIndex(({ isEnded }) => isEnded);
    if (index < 0) throw new RefusedError(JOURNAL_FULL);
    journal.connections.splice(index, 1)[0]!.discard();
    journal.removed++;
  }

  /** Removes the journal that changed first among those without an open connection. */
  #removeOldest(): boolean {
    for (const { name, connections } of this.#journals.values()) {
      if (connections.every(({ isEnded }) => isEnded)) return this.remove(name);
    }
    return false;
  }

  #removeOld(): void {
    const oldest = this.#now() - MAX_AGE;
    for (const { name, changedAt } of this.#journals.values()) {
      // The map is ordered by the time of the last change.
      if (changedAt > oldest) return;
      this.remove(name);
    }
  }

  #changed(journal: StoredJournal): void {
    const { name } = journal;
    if (this.#journals.get(name) !== journal) return;
    const now = this.#now();
    if (now > journal.changedAt) {
      journal.changedAt = now;
      this.#journals.delete(name);
      this.#journals.set(name, journal);
    }
    this.#notify(name);
  }

  /** Many requests may wait for a journal whose client sends many frames. */
  #notify(name: string): void {
    if (!this.#watchers.has(name) || this.#notifying.has(name)) return;
    this.#notifying.add(name);
    yieldToOthers(() => {
      this.#notifying.delete(name);
      this.#watchers.notify(name);
    });
  }

  /** The budget of one journal. */
  #budget(): Budget {
    let held = 0;
    const hold = (bytes: number) => {
      held += bytes;
      this.#hold(bytes);
    };
    return {
      take: (bytes) => {
        if (held + bytes > MAX_JOURNAL_BYTES || !this.#makeRoom(bytes)) {
          return false;
        }
        hold(bytes);
        return true;
      },
      give: (bytes) => hold(-bytes),
    };
  }

  /** Removes journals until there is memory for a number of bytes. */
  #makeRoom(bytes: number): boolean {
    while (this.#held + bytes > MAX_BYTES || this.#memory.isTight) {
      if (!this.#removeOldest()) return false;
    }
    return true;
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    this.#memory.charge(bytes);
  }
}

const FULL = retryLater(
  503,
  "There are too many journals of open connections.",
);

const JOURNAL_FULL = retryLater(
  503,
  `A journal has at most ${MAX_CONNECTIONS} open connections.`,
);
