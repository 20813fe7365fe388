/**
 * Writes the engine's bytes in order: joined, one write each, or a few bytes at a time.
 *
 * @module
 */

import { concat } from "../../client/concat.ts";
import { isSliceOver, nextSlice } from "../../scheduling/scheduler.ts";
import type { Duplex } from "./duplex.ts";
import type { WireLog } from "./wire_log.ts";

/** Bytes to write, in order. */
export interface OutputEntry {
  /** The bytes, in chunks that do not change. */
  readonly chunks: Iterable<Uint8Array<ArrayBuffer>>;
  /** Bytes of each write; unset: as many as there are. */
  readonly chop?: number | undefined;
  /** Whether the entry is not joined with others. */
  readonly alone?: boolean | undefined;
  /**
   * Whether there is a pause after each write, for as long as a turn of the event loop
   * takes, so that the writes do not arrive together.
   */
  readonly paced?: boolean | undefined;
}

/** Bytes that are joined to one write at most. */
export const MAX_JOINED = 64 * 1024;

/** The output of one connection. */
export class Output {
  /** Bytes that were written. */
  written = 0;
  /** Called when all entries are written. */
  onIdle: (() => void) | undefined;

  readonly #duplex: Duplex;
  readonly #log: WireLog;
  #entries: OutputEntry[] = [];
  #running: Promise<void> | undefined;
  #discarded = false;

  /**
   * Makes an output.
   *
   * @param duplex the connection
   * @param log gets every write
   */
  constructor(duplex: Duplex, log: WireLog) {
    this.#duplex = duplex;
    this.#log = log;
  }

  /** Number of entries that are not written. */
  get pending(): number {
    return this.#entries.length;
  }

  /** Whether entries wait that are written a few bytes at a time. */
  get isChopping(): boolean {
    return this.#entries.some(({ chop }) => chop !== undefined);
  }

  /**
   * Adds an entry. Entries of one turn of the event loop are joined.
   *
   * @param entry its chunks are taken one by one, while it is written
   */
  push(entry: OutputEntry): void {
    if (this.#discarded) return;
    this.#entries.push(entry);
    this.#running ??= this.#run();
  }

  /** Resolves when all entries are written, or the connection has ended. */
  async flushed(): Promise<void> {
    await this.#running;
  }

  /** Drops what is not written. */
  discard(): void {
    this.#discarded = true;
    this.#entries = [];
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#entries.length > 0) await this.#writeNext();
    } catch {
      // The connection is over; the read tells the engine.
      this.discard();
    }
    this.#running = undefined;
    if (!this.#discarded) this.onIdle?.();
  }

  async #writeNext(): Promise<void> {
    const [first] = this.#entries;
    if (first!.chop !== undefined) return await this.#writeChopped(first!);
    if (first!.alone) {
      this.#entries.shift();
      for (const chunk of first!.chunks) await this.#write(chunk, true);
      if (first!.paced) await nextSlice();
      return;
    }
    let joined: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (this.#entries.length > 0) {
      const entry = this.#entries[0]!;
      if (entry.chop !== undefined || entry.alone) break;
      this.#entries.shift();
      for (const chunk of entry.chunks) {
        joined.push(chunk);
        length += chunk.length;
        if (length < MAX_JOINED) continue;
        await this.#write(join(joined), false);
        joined = [];
        length = 0;
      }
    }
    if (length > 0) await this.#write(join(joined), false);
  }

  /** The entry stays the first one while it is written, for {@linkcode Output.isChopping}. */
  async #writeChopped(entry: OutputEntry): Promise<void> {
    const chop = entry.chop!;
    for (const chunk of entry.chunks) {
      for (let at = 0; at < chunk.length; at += chop) {
        await this.#write(chunk.subarray(at, at + chop), true);
        if (entry.paced) await nextSlice();
      }
    }
    this.#entries.shift();
  }

  async #write(bytes: Uint8Array<ArrayBuffer>, alone: boolean): Promise<void> {
    if (this.#discarded) return;
    this.written += bytes.length;
    this.#log.octets(true, bytes, alone);
    await this.#duplex.write(bytes);
    if (isSliceOver()) await nextSlice();
  }
}

function join(
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  return chunks.length === 1 ? chunks[0]! : concat(chunks);
}
