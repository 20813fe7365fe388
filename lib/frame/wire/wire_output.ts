/**
 * The writes of a taken-over connection, one after the other.
 *
 * @module
 */

import { flush, type SettleFlush } from "../../listener/flush.ts";
import type { MemoryCharge } from "../../memory/account.ts";
import { BufferCharge } from "../../memory/buffer_charge.ts";
import type { Socket } from "../transport/socket.ts";

/** Bytes that wait, a mark without bytes, or the end of the output. */
interface Entry {
  readonly bytes: Uint8Array<ArrayBuffer> | "end";
  readonly settle: SettleFlush;
}

const NOTHING = new Uint8Array(0);

/** A queue of writes; its bytes are charged until they are written. */
export class WireOutput {
  /** Sweeps of the send timeout since the last byte was written. */
  stalledSweeps = 0;

  readonly #socket: Socket;
  readonly #held: BufferCharge;
  /** The entry under way first. */
  readonly #entries: Entry[] = [];
  /** Bytes of the write under way that are not written. */
  #writing = 0;
  #length = 0;
  /** Whether the end was queued. */
  #isEnding = false;
  #isClosed = false;

  /**
   * Takes the output over.
   *
   * @param socket has no write under way
   * @param charge the connection's share of the memory account
   */
  constructor(socket: Socket, charge: MemoryCharge) {
    this.#socket = socket;
    this.#held = new BufferCharge(charge);
  }

  /** Bytes that are not written. */
  get length(): number {
    return this.#length;
  }

  /** Whether bytes wait for the operating system. */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  /**
   * Writes; see `Wire.write`.
   *
   * @param bytes must not change before the promise settles
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return flush((settle) => this.#add(bytes, settle));
  }

  /**
   * Reports when all that was queued before is written.
   *
   * @param settle called once, with false if the connection ends before
   */
  flush(settle: SettleFlush): void {
    if (this.#isClosed) settle(false);
    else if (this.#entries.length === 0) settle(true);
    else this.#entries.push({ bytes: NOTHING, settle });
  }

  /** Resolves when all that was queued before is written, or the connection has ended. */
  idle(): Promise<void> {
    return new Promise((resolve) => this.flush(() => resolve()));
  }

  /** Ends the output after what was queued before; resolves when FIN is sent. */
  end(): Promise<void> {
    return flush((settle) => {
      if (this.#isEnding) return this.flush(settle);
      this.#add("end", settle);
      this.#isEnding = true;
    });
  }

  /** Fails all that is queued. */
  close(): void {
    this.#isClosed = true;
    this.#writing = 0;
    this.#length = 0;
    this.#held.set(0);
    for (const { settle } of this.#entries.splice(0)) settle(false);
  }

  /**
   * A part of the write under way is written.
   *
   * @param count bytes
   */
  written(count: number): void {
    this.stalledSweeps = 0;
    if (this.#isClosed) return;
    this.#wrote(count);
    if (this.#writing > 0) return;
    this.#entries.shift()!.settle(true);
    this.#proceed();
  }

  #add(bytes: Uint8Array<ArrayBuffer> | "end", settle: SettleFlush): void {
    if (this.#isClosed || this.#isEnding) return settle(false);
    this.#entries.push({ bytes, settle });
    if (bytes !== "end") this.#length += bytes.length;
    this.#held.set(this.#length);
    if (this.#entries.length === 1) this.#proceed();
  }

  /** Starts the next write. */
  #proceed(): void {
    for (let entry; (entry = this.#entries[0]) !== undefined;) {
      const { bytes, settle } = entry;
      if (bytes === "end") this.#socket.endWrites();
      else if (bytes.length > 0) {
        this.#writing = bytes.length;
        this.#wrote(this.#socket.write(bytes));
        if (this.#writing > 0) return;
      }
      this.#entries.shift();
      settle(true);
    }
  }

  #wrote(count: number): void {
    this.#writing -= count;
    this.#length -= count;
    this.#held.set(this.#length);
  }
}
