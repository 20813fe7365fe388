/**
 * What the engine needs of a connection of the operating system: one read and
 * one write at a time, told by calls instead of promises, as a promise a read
 * is what costs most where messages are small.
 *
 * @module
 */

import { plainAddress } from "../../protocol/address_text.ts";
import { ReadScheduler, type WaitingRead } from "./read_scheduler.ts";

/** Who uses a {@linkcode Socket}: gets its events. */
export interface SocketUser {
  /**
   * The read has ended with bytes.
   *
   * @param count how many, at least one
   */
  arrived(count: number): void;
  /** The read has ended, as the peer sends nothing more. */
  peerEnded(): void;
  /** The read has failed, or the socket was closed meanwhile. */
  readFailed(): void;
  /**
   * More of what {@linkcode Socket.write} did not write at once is written.
   *
   * @param count bytes, since the last call
   */
  written(count: number): void;
  /** The write, or the end of writes, has failed, or the socket was closed meanwhile. */
  writeFailed(): void;
}

/** One connection of the operating system. */
export interface Socket {
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** Whether a read is under way. */
  readonly isReading: boolean;
  /** Gets the events, from its own time on. */
  user: SocketUser;

  /**
   * Reads what arrives next, once.
   *
   * @param view where it goes; the socket's until the read has ended
   */
  read(view: Uint8Array<ArrayBuffer>): void;

  /**
   * Writes, and goes on until all is written; one write at a time.
   *
   * @param bytes what to write; the socket's until all is written
   * @returns how many bytes are written already; the user is told of the others
   */
  write(bytes: Uint8Array<ArrayBuffer>): number;

  /** Tells the peer that nothing more will come; called when all is written. */
  endWrites(): void;

  /** Ends the connection; what is under way fails, now or soon after. */
  close(): void;
}

/** Stands in while a socket has no user. */
export const NO_USER: SocketUser = {
  arrived() {},
  peerEnded() {},
  readFailed() {},
  written() {},
  writeFailed() {},
};

const readScheduler = new ReadScheduler();

/** A socket on the runtime's documented connections: TCP, and TLS. */
export class ConnSocket implements Socket, WaitingRead {
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** Gets the events. */
  user: SocketUser = NO_USER;
  /** Whether a read is under way. */
  isReading = false;

  readonly #conn: Deno.Conn;
  /** Where the read goes that waits for its turn. */
  #view: Uint8Array<ArrayBuffer> | undefined;
  #readBegan = 0;
  #writeBegan = 0;
  /** What is left of the write that is under way. */
  #unwritten: Uint8Array<ArrayBuffer> | undefined;
  #closed = false;

  /**
   * Takes a connection over.
   *
   * @param conn what `accept` gave
   */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.remoteAddr = plainAddress(conn.remoteAddr);
  }

  /**
   * Reads what arrives next; see {@linkcode Socket.read}.
   *
   * @param view where it goes
   */
  read(view: Uint8Array<ArrayBuffer>): void {
    this.isReading = true;
    this.#view = view;
    readScheduler.read(this);
  }

  /** Reads, as all others had their turn; see {@linkcode ReadScheduler}. */
  readNow(): void {
    const view = this.#view!;
    this.#view = undefined;
    this.#readBegan = readScheduler.began();
    const { maxRead } = readScheduler;
    this.#conn.read(view.length > maxRead ? view.subarray(0, maxRead) : view)
      .then(this.#onRead, this.#onReadFailed);
  }

  /**
   * Writes; see {@linkcode Socket.write}.
   *
   * @param bytes what to write
   * @returns 0, as the runtime tells later
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    this.#unwritten = bytes;
    this.#writeBegan = readScheduler.began();
    this.#conn.write(bytes).then(this.#onWritten, this.#onWriteFailed);
    return 0;
  }

  /** Half-closes what can be half-closed. */
  endWrites(): void {
    halfClose(this.#conn).catch(() => this.user.writeFailed());
  }

  /** Ends the connection. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  #onRead = (count: number | null): void => {
    readScheduler.ended(this.#readBegan);
    this.isReading = false;
    if (count === null) this.user.peerEnded();
    else this.user.arrived(count);
  };

  #onReadFailed = (): void => {
    readScheduler.ended(this.#readBegan);
    this.isReading = false;
    this.user.readFailed();
  };

  #onWritten = (count: number): void => {
    readScheduler.ended(this.#writeBegan);
    const bytes = this.#unwritten!;
    this.#unwritten = undefined;
    if (count < bytes.length) {
      if (this.#closed) return this.user.writeFailed();
      this.write(bytes.subarray(count));
    }
    this.user.written(count);
  };

  #onWriteFailed = (): void => {
    readScheduler.ended(this.#writeBegan);
    this.user.writeFailed();
  };
}

async function halfClose(conn: Deno.Conn): Promise<void> {
  await conn.closeWrite();
}
