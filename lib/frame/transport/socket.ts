/**
 * A connection of the operating system, as the engine uses it: one read and one
 * write at a time, reported by calls. A promise for each read would be the largest
 * cost of a small message.
 *
 * @module
 */

import { plainAddress } from "../../protocol/address_text.ts";
import { resetConn } from "../../runtime/reset_conn.ts";
import { ReadScheduler, type WaitingRead } from "./read_scheduler.ts";

/** Gets the events of a {@linkcode Socket}. */
export interface SocketUser {
  /**
   * The read has ended with bytes.
   *
   * @param count how many, at least one
   */
  arrived(count: number): void;
  /** The read has ended: the client sends nothing more. */
  readEnded(): void;
  /** The read has failed, or the socket was closed meanwhile. */
  readFailed(): void;
  /**
   * More of the bytes that {@linkcode Socket.write} did not write at once is written.
   *
   * @param count bytes, since the last call
   */
  written(count: number): void;
  /** The write, or the end of writes, has failed, or the socket was closed meanwhile. */
  writeFailed(): void;
}

/** One connection of the operating system. */
export interface Socket {
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** Whether a read is under way. */
  readonly isReading: boolean;
  /** Gets the events from the moment that it is set. */
  user: SocketUser;

  /**
   * Reads the next bytes, once.
   *
   * @param view gets the bytes; the socket's until the read has ended
   */
  read(view: Uint8Array<ArrayBuffer>): void;

  /**
   * Writes all bytes; one write at a time.
   *
   * @param bytes the bytes; the socket's until all are written
   * @returns how many bytes are written already; `written` reports the rest
   */
  write(bytes: Uint8Array<ArrayBuffer>): number;

  /** Ends the output; called when all is written. */
  endWrites(): void;

  /** Ends the connection; an operation under way fails, now or soon after. */
  close(): void;

  /**
   * Ends the connection with a reset, if the runtime can and no operation is under way;
   * otherwise closes it.
   *
   * @returns whether the client gets a reset
   */
  reset(): Promise<boolean>;
}

/** The user of a socket that has no other. */
export const NO_USER: SocketUser = {
  arrived() {},
  readEnded() {},
  readFailed() {},
  written() {},
  writeFailed() {},
};

const readScheduler = new ReadScheduler();

/** A socket on the runtime's documented connections: TCP and TLS. */
export class ConnSocket implements Socket, WaitingRead {
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** Gets the events. */
  user: SocketUser = NO_USER;
  /** Whether a read is under way. */
  isReading = false;

  readonly #conn: Deno.Conn;
  /** Gets the bytes of the read that waits for the scheduler. */
  #view: Uint8Array<ArrayBuffer> | undefined;
  #readBatch = 0;
  #writeBatch = 0;
  /** The rest of the write that is under way. */
  #unwritten: Uint8Array<ArrayBuffer> | undefined;
  #halfClosing: Promise<void> | undefined;
  #closed = false;

  /**
   * Takes a connection over.
   *
   * @param conn a connection that `accept` gave
   */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.remoteAddr = plainAddress(conn.remoteAddr);
  }

  /**
   * Reads the next bytes; see {@linkcode Socket.read}.
   *
   * @param view gets the bytes
   */
  read(view: Uint8Array<ArrayBuffer>): void {
    this.isReading = true;
    this.#view = view;
    readScheduler.read(this);
  }

  /** Reads; called by the {@linkcode ReadScheduler}. */
  readNow(): void {
    const view = this.#view!;
    this.#view = undefined;
    this.#readBatch = readScheduler.began();
    this.#conn.read(readScheduler.limited(view))
      .then(this.#onRead, this.#onRead);
  }

  /**
   * Writes; see {@linkcode Socket.write}.
   *
   * @param bytes the bytes
   * @returns 0, as the runtime reports later
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    this.#unwritten = bytes;
    this.#writeBatch = readScheduler.began();
    this.#conn.write(bytes).then(this.#onWritten, this.#onWritten);
    return 0;
  }

  /** Half-closes the connection; a failure is reported as `writeFailed`. */
  endWrites(): void {
    this.#halfClosing = halfClose(this.#conn)
      .catch(() => this.user.writeFailed());
  }

  /** Ends the connection. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  /** Resets the connection; see {@linkcode Socket.reset}. */
  async reset(): Promise<boolean> {
    if (this.#closed) return false;
    if (this.isReading || this.#unwritten !== undefined) {
      this.close();
      return false;
    }
    this.#closed = true;
    await this.#halfClosing;
    return await resetConn(this.#conn);
  }

  // One function for both outcomes, because each closure takes memory in every connection.

  /** Gets the count of bytes, null at the end, or an error. */
  #onRead = (result: unknown): void => {
    readScheduler.ended(this.#readBatch);
    this.isReading = false;
    if (typeof result === "number") this.user.arrived(result);
    else if (result === null) this.user.readEnded();
    else this.user.readFailed();
  };

  /** Gets the count of bytes, or an error. */
  #onWritten = (count: unknown): void => {
    readScheduler.ended(this.#writeBatch);
    const bytes = this.#unwritten!;
    this.#unwritten = undefined;
    if (typeof count !== "number") return this.user.writeFailed();
    if (count < bytes.length) {
      if (this.#closed) return this.user.writeFailed();
      this.write(bytes.subarray(count));
    }
    this.user.written(count);
  };
}

/** Turns an error that the runtime throws at once into a rejection. */
async function halfClose(conn: Deno.Conn): Promise<void> {
  await conn.closeWrite();
}
