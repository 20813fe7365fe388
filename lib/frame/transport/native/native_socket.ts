/**
 * A socket on system calls.
 *
 * @module
 */

import { NO_USER, type Socket, type SocketUser } from "../socket.ts";
import {
  EAGAIN,
  EINTR,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  MSG_NOSIGNAL,
  SHUT_WR,
  SO_LINGER,
  SOL_SOCKET,
} from "./constants.ts";
import type { Deferred, EventLoop, Watcher } from "./event_loop.ts";
import { errno, libc } from "./libc.ts";
import { type Host, hostText } from "./socket_address.ts";

const EVENTS = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
const ENDED = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const READABLE = EPOLLIN | ENDED;
const WRITABLE = EPOLLOUT | EPOLLHUP | EPOLLERR;

/** A struct linger: on, with 0 seconds. */
const NO_LINGER = new Uint8Array(Int32Array.of(1, 0).buffer);

/** Stands for the file descriptor of a closed socket. */
const CLOSED = -1;

/** A connection, whose reads and writes are done in the thread of its handlers. */
export class NativeSocket implements Socket, Watcher, Deferred {
  /** Gets the events. */
  user: SocketUser = NO_USER;

  readonly #loop: EventLoop;
  readonly #host: Host;
  readonly #port: number;
  #fd: number;
  /** There may be bytes to read, or the end. */
  #isReadable = false;
  /** The client has ended its output, or the connection has failed. */
  #hasEnded = false;
  /** A later turn of the loop continues. */
  #isDeferred = false;
  /** Gets the bytes of the read that is under way. */
  #view: Uint8Array<ArrayBuffer> | undefined;
  /** The rest of the write that is under way. */
  #unwritten: Uint8Array<ArrayBuffer> | undefined;

  /**
   * Takes a connection over.
   *
   * @param loop watches it
   * @param fd its descriptor
   * @param host the client's address
   * @param port the client's port
   */
  constructor(loop: EventLoop, fd: number, host: Host, port: number) {
    this.#loop = loop;
    this.#fd = fd;
    this.#host = host;
    this.#port = port;
  }

  /**
   * Begins to watch the connection; called once.
   *
   * @returns false if the system cannot watch it
   */
  watch(): boolean {
    return this.#loop.add(this.#fd, this, EVENTS);
  }

  /** The client's address; a new object at each read. */
  get remoteAddr(): Deno.NetAddr {
    const hostname = hostText(this.#host);
    return { transport: "tcp", hostname, port: this.#port };
  }

  /** Whether a read is under way. */
  get isReading(): boolean {
    return this.#view !== undefined;
  }

  /**
   * Reads the next bytes; see {@linkcode Socket.read}.
   *
   * @param view gets the bytes
   */
  read(view: Uint8Array<ArrayBuffer>): void {
    this.#view = view;
    if (this.#isReadable) this.#deferRest();
  }

  /**
   * Writes; see {@linkcode Socket.write}.
   *
   * @param bytes the bytes
   * @returns how many bytes the system has taken
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    const count = this.#send(bytes);
    if (count === bytes.length) return count;
    this.#unwritten = count > 0 ? bytes.subarray(count) : bytes;
    if (count >= 0) return count;
    queueMicrotask(() => this.#failWrite());
    return 0;
  }

  /** Half-closes the connection. */
  endWrites(): void {
    if (this.#fd !== CLOSED) libc.shutdown(this.#fd, SHUT_WR);
  }

  /** Ends the connection. */
  close(): void {
    if (this.#fd === CLOSED) return;
    this.#loop.close(this.#fd);
    this.#fd = CLOSED;
    if (this.#view !== undefined) queueMicrotask(() => this.#failRead());
    if (this.#unwritten !== undefined) queueMicrotask(() => this.#failWrite());
  }

  /**
   * Ends the connection with a reset; an operation under way fails soon after.
   *
   * @returns whether the client gets a reset
   */
  reset(): Promise<boolean> {
    const fd = this.#fd;
    const isReset = fd !== CLOSED &&
      libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, NO_LINGER, 8) === 0;
    this.close();
    return Promise.resolve(isReset);
  }

  /**
   * Reads or writes; called by the {@linkcode EventLoop}.
   *
   * @param events a set of EPOLL flags
   */
  ready(events: number): void {
    if ((events & ENDED) !== 0) this.#hasEnded = true;
    if ((events & READABLE) !== 0) this.#isReadable = true;
    // An event gives no second turn to a connection that waits for its own.
    if (this.#isDeferred) return;
    if (this.#loop.mustDefer) return this.#deferEvent();
    if ((events & WRITABLE) !== 0 && this.#unwritten !== undefined) {
      this.#writeOn();
    }
    if (this.#isReadable && this.#view !== undefined) this.#receive();
  }

  /** Reads or writes; called by the {@linkcode EventLoop}. */
  proceed(): void {
    this.#isDeferred = false;
    if (this.#unwritten !== undefined) this.#writeOn();
    if (this.#isReadable && this.#view !== undefined) this.#receive();
  }

  #deferEvent(): void {
    if (this.#unwritten === undefined && this.#view === undefined) return;
    this.#isDeferred = true;
    this.#loop.deferEvent(this);
  }

  #deferRest(): void {
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    this.#loop.deferRest(this);
  }

  #receive(): void {
    const view = this.#view!;
    const { length } = view;
    if (this.#fd === CLOSED) return this.#failRead();
    const count = libc.recv(this.#fd, view, length, 0);
    if (count < 0) {
      const error = errno();
      if (error === EINTR) return this.#deferRest();
      if (error !== EAGAIN) return this.#failRead();
      this.#isReadable = false;
      return;
    }
    this.#view = undefined;
    // A read that does not fill the view has taken all bytes.
    if (count < length && !this.#hasEnded) this.#isReadable = false;
    if (count > 0) this.user.arrived(count);
    else this.user.readEnded();
  }

  #failRead(): void {
    if (this.#view === undefined) return;
    this.#view = undefined;
    this.user.readFailed();
  }

  /** Returns the number of bytes that are written; -1 after a failure. */
  #send(bytes: Uint8Array<ArrayBuffer>): number {
    if (this.#fd === CLOSED) return -1;
    for (;;) {
      const count = libc.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL);
      if (count >= 0) return count;
      const error = errno();
      if (error === EAGAIN) return 0;
      if (error !== EINTR) return -1;
    }
  }

  #writeOn(): void {
    const bytes = this.#unwritten!;
    const count = this.#send(bytes);
    if (count < 0) return this.#failWrite();
    if (count === 0) return;
    this.#unwritten = count < bytes.length ? bytes.subarray(count) : undefined;
    this.user.written(count);
  }

  #failWrite(): void {
    if (this.#unwritten === undefined) return;
    this.#unwritten = undefined;
    this.user.writeFailed();
  }
}
