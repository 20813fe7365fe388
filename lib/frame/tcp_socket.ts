/**
 * Sockets on the runtime's TCP handles.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { getLogger } from "@std/log";
import { NO_USER, type Socket, type SocketUser } from "./socket.ts";
import {
  END_OF_FILE,
  HANDLE_TYPE,
  isWriteLeft,
  lastRead,
  shutdownRequest,
  type TcpAddress,
  TcpHandle,
  writeRequest,
} from "./tcp_handle.ts";

/** Bytes that are written in one go: how finely progress is told. */
const SLICE = 256 * 1024;

const NO_ADDRESS: Deno.NetAddr = { transport: "tcp", hostname: "", port: 0 };

/** A socket on a TCP handle. */
export class TcpSocket extends TcpHandle implements Socket {
  /** The peer's address. */
  remoteAddr: Deno.NetAddr = NO_ADDRESS;
  /** Gets the events. */
  user: SocketUser = NO_USER;
  /** Whether a read is under way. */
  isReading = false;

  #view: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the handle looks for bytes. */
  #isStarted = false;
  /** The write that is not finished; the handle may refer to it. */
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes of it before the slice that the handle is at. */
  #done = 0;
  #closed = false;

  /** Makes a socket that is not connected: a listener's `accept` does that. */
  constructor() {
    super(HANDLE_TYPE.SOCKET);
  }

  /** Bytes are read when they are there, just before they are told of. */
  get readsAtOnce(): boolean {
    return true;
  }

  /**
   * Looks up the peer, once there is one.
   *
   * @returns whether it is there still
   */
  opened(): boolean {
    const peer: Partial<TcpAddress> = {};
    if (this.getpeername(peer) !== 0) return false;
    this.remoteAddr = addressOf(peer as TcpAddress);
    this.setNoDelay(true);
    return true;
  }

  /**
   * Reads what arrives next; see {@linkcode Socket.read}.
   *
   * @param view where it goes
   */
  read(view: Uint8Array<ArrayBuffer>): void {
    this.isReading = true;
    if (this.#closed) return queueMicrotask(() => this.#failRead());
    if (view !== this.#view) {
      this.#view = view;
      this.useUserBuffer(view);
    }
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.readStart();
  }

  /** Called by the handle: bytes are in the buffer, or none will come. */
  override onread(): void {
    const count = lastRead();
    if (count < 0) {
      // What the bytes before it have queued comes first, as with others.
      setImmediate(() => this.#endRead(count));
      return;
    }
    this.isReading = false;
    try {
      this.user.arrived(count);
    } catch (error) {
      getLogger("httpd").error("Reading failed:", error);
      this.close();
    }
    if (!this.isReading && this.#isStarted && !this.#closed) {
      this.#isStarted = false;
      this.readStop();
    }
  }

  /**
   * Writes; see {@linkcode Socket.write}.
   *
   * @param bytes what to write
   * @returns how many bytes are written already
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    return this.#writeFrom(bytes, 0);
  }

  /**
   * The handle is done with a slice.
   *
   * @param status 0, or an error
   */
  wrote(status: number): void {
    const bytes = this.#bytes;
    if (bytes === undefined) return;
    if (status !== 0) return this.#failWrite();
    const before = this.#done;
    const end = Math.min(before + SLICE, bytes.length);
    this.user.written(this.#writeFrom(bytes, end) - before);
  }

  /** Half-closes. */
  endWrites(): void {
    if (this.shutdown(ending) !== 0) {
      queueMicrotask(() => this.user.writeFailed());
    }
  }

  /** Ends the connection; what is under way fails at once. */
  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    super.close();
    this.#failRead();
    this.#failWrite();
  }

  /** Writes slice by slice; returns how far it got. */
  #writeFrom(bytes: Uint8Array<ArrayBuffer>, start: number): number {
    for (let at = start; at < bytes.length; at += SLICE) {
      const error = this.writeBuffer(writing, slice(bytes, at));
      if (error === 0 && !isWriteLeft()) continue;
      this.#bytes = bytes;
      this.#done = at;
      if (error !== 0) queueMicrotask(() => this.#failWrite());
      return at;
    }
    this.#bytes = undefined;
    return bytes.length;
  }

  #endRead(error: number): void {
    if (error !== END_OF_FILE) return this.#failRead();
    if (!this.isReading) return;
    this.isReading = false;
    this.user.peerEnded();
  }

  #failRead(): void {
    if (!this.isReading) return;
    this.isReading = false;
    this.user.readFailed();
  }

  #failWrite(): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    this.user.writeFailed();
  }
}

const writing = writeRequest((status, handle) =>
  (handle as TcpSocket).wrote(status)
);

const ending = shutdownRequest((status, handle) => {
  if (status !== 0) (handle as TcpSocket).user.writeFailed();
});

/** Mostly that is all, for which no view has to be made. */
function slice(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
): Uint8Array<ArrayBuffer> {
  return start === 0 && bytes.length <= SLICE
    ? bytes
    : bytes.subarray(start, start + SLICE);
}

/**
 * A handle's address in the runtime's form.
 *
 * @param address what a handle filled in
 */
export function addressOf({ address, port }: TcpAddress): Deno.NetAddr {
  return { transport: "tcp", hostname: address, port };
}
