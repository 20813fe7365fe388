/**
 * The wire log of a case: what was sent and received, with times and the first bytes, and
 * counts. It is bounded.
 *
 * @module
 */

import type { LogEntry, NewLogEntry } from "../case/log_entry.ts";
import type { Statistics } from "../case/result.ts";

/** Bytes of a head. */
export const HEAD_BYTES = 64;

/** Entries that are kept; the longest case of the suite makes about 300. */
const MAX_ENTRIES = 512;

/** Different sizes that are counted. */
const MAX_SIZES = 512;

/** The first bytes in hexadecimal digits. */
export function headOf(bytes: Uint8Array): string {
  return bytes.subarray(0, HEAD_BYTES).toHex();
}

/** The log of one run. */
export class WireLog {
  /** The entries that were kept. */
  readonly entries: LogEntry[] = [];
  /** The number of the others. */
  omitted = 0;
  readonly #counts = {
    rxOctetStats: {} as Record<string, number>,
    txOctetStats: {} as Record<string, number>,
    rxFrameStats: {} as Record<string, number>,
    txFrameStats: {} as Record<string, number>,
  };
  readonly #sizes = { rx: 0, tx: 0 };
  #start = performance.now();
  #enabled = true;

  /** The counts. */
  get statistics(): Statistics {
    return this.#counts;
  }

  /** Whether frames and bytes are logged. */
  get isEnabled(): boolean {
    return this.#enabled;
  }

  /** Milliseconds since the start. */
  get now(): number {
    return performance.now() - this.#start;
  }

  /** Starts or stops the log of frames and bytes; the counts continue. */
  enable(enabled: boolean): void {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.add({ kind: "logging", enabled });
  }

  /**
   * Adds an entry.
   *
   * @param entry without its time
   */
  add(entry: NewLogEntry): void {
    if (this.entries.length >= MAX_ENTRIES) {
      this.omitted++;
      return;
    }
    this.entries.push({ at: this.now, ...entry } as LogEntry);
  }

  /**
   * Counts a read or a write, and logs it.
   *
   * @param sent direction
   * @param bytes of it
   * @param alone whether it is a write of its own
   */
  octets(sent: boolean, bytes: Uint8Array, alone = false): void {
    const side = sent ? "tx" : "rx";
    const counts = this.#counts[`${side}OctetStats`];
    const { length } = bytes;
    if (counts[length] !== undefined) counts[length]++;
    else if (this.#sizes[side] < MAX_SIZES) {
      this.#sizes[side]++;
      counts[length] = 1;
    }
    if (!this.#enabled) return;
    const head = headOf(bytes);
    this.add({ kind: "octets", sent, length, head, ...(alone && { alone }) });
  }

  /**
   * Counts frames.
   *
   * @param sent direction
   * @param opcode of the frames
   * @param count number of frames
   */
  frames(sent: boolean, opcode: number, count = 1): void {
    const counts = this.#counts[sent ? "txFrameStats" : "rxFrameStats"];
    counts[opcode] = (counts[opcode] ?? 0) + count;
  }
}
