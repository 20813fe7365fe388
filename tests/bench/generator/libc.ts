/**
 * The system calls of the load generator, through FFI. The runtime's own sockets
 * take as much time per message as the servers, so they would limit the figures.
 *
 * @module
 */

const library = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  send: { parameters: ["i32", "usize", "usize", "i32"], result: "i32" },
  recv: { parameters: ["i32", "usize", "usize", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  memcmp: { parameters: ["usize", "usize", "usize"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
});

const { symbols } = library;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_MOD = 3;

/** The socket is readable. */
export const EPOLLIN = 1;

/** The socket is writable. */
export const EPOLLOUT = 4;

/** Numbers below this are cached as bigint. */
const CACHED = 65_536;

const words: bigint[] = [];

/**
 * An argument of type usize. The runtime has a fast call for bigint arguments, but
 * creating a bigint is slow, so they are cached.
 */
function word(value: number): bigint {
  return value < CACHED ? words[value] ??= BigInt(value) : BigInt(value);
}

/** Bytes with a fixed address. */
export class Pinned {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #address: bigint;
  readonly #addresses: bigint[] = [];

  /**
   * Holds bytes, so that they are not collected.
   *
   * @param bytes whose buffer must not be detached
   */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.#address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  }

  /**
   * The address of a byte.
   *
   * @param offset of the byte
   */
  at(offset: number): bigint {
    return offset < CACHED
      ? this.#addresses[offset] ??= this.#address + BigInt(offset)
      : this.#address + BigInt(offset);
  }
}

function int(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/**
 * Opens a TCP connection to 127.0.0.1.
 *
 * @param port of the server
 * @param isBlocking whether to wait until the connection is open
 * @returns its file descriptor
 */
export function connect(port: number, isBlocking: boolean): number {
  const type = SOCK_STREAM | (isBlocking ? 0 : SOCK_NONBLOCK);
  const fd = symbols.socket(AF_INET, type, 0);
  if (fd < 0) throw new Error("no more sockets: raise ulimit -n");
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  address.set([127, 0, 0, 1], 4);
  symbols.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, int(1), 4);
  const failed = symbols.connect(fd, address, address.length) < 0;
  if (failed && isBlocking) {
    symbols.close(fd);
    throw new Error(`connection refused on port ${port}`);
  }
  return fd;
}

/** A struct linger: on, 0 seconds. */
const LINGER = new Uint8Array(Int32Array.of(1, 0).buffer);

/**
 * Closes a connection with a TCP RST, which leaves no TIME_WAIT.
 *
 * @param fd the connection
 */
export function reset(fd: number): void {
  symbols.setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER, LINGER.length);
  symbols.close(fd);
}

/**
 * Writes without waiting.
 *
 * @param fd the connection
 * @param from the bytes
 * @param offset of the first byte
 * @param length number of bytes
 * @returns bytes written; below 0 when the socket is full or closed
 */
export function send(
  fd: number,
  from: Pinned,
  offset: number,
  length: number,
): number {
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  return symbols.send(fd, from.at(offset), word(length), flags);
}

/**
 * Reads without waiting.
 *
 * @param fd the connection
 * @param into the buffer
 * @returns bytes read; 0 at the end; below 0 when there is nothing to read
 */
export function receive(fd: number, into: Pinned): number {
  return symbols.recv(fd, into.at(0), word(into.bytes.length), MSG_DONTWAIT);
}

/**
 * Waits for the first byte and reads.
 *
 * @param fd the connection
 * @param into the buffer
 * @returns bytes read; 0 at the end; below 0 when the connection is closed
 */
export function receiveBlocking(fd: number, into: Pinned): number {
  return symbols.recv(fd, into.at(0), word(into.bytes.length), 0);
}

/**
 * Whether two runs of bytes are equal.
 *
 * @param bytes compared from the first byte
 * @param other compared from an offset
 * @param offset in `other`
 * @param length number of bytes
 */
export function isSame(
  bytes: Pinned,
  other: Pinned,
  offset: number,
  length: number,
): boolean {
  return symbols.memcmp(bytes.at(0), other.at(offset), word(length)) === 0;
}

/** The words of a struct epoll_event, and the index of its data. */
const [EVENT_WORDS, DATA_WORD] = Deno.build.arch === "x86_64" ? [3, 1] : [4, 2];

/** Events of one call. */
const MAX_EVENTS = 1024;

/** An epoll instance. */
export class Poll implements Disposable {
  readonly #fd = symbols.epoll_create1(0);
  readonly #events = new Uint32Array(MAX_EVENTS * EVENT_WORDS);
  readonly #buffer = new Uint8Array(this.#events.buffer);
  readonly #event = new Uint32Array(EVENT_WORDS);
  readonly #eventBuffer = new Uint8Array(this.#event.buffer);

  /**
   * Adds a connection.
   *
   * @param fd the connection
   * @param name a number for the connection
   * @param events to wait for
   */
  add(fd: number, name: number, events: number): void {
    this.#control(EPOLL_CTL_ADD, fd, name, events);
  }

  /**
   * Changes the events of a connection.
   *
   * @param fd the connection
   * @param name a number for the connection
   * @param events to wait for
   */
  change(fd: number, name: number, events: number): void {
    this.#control(EPOLL_CTL_MOD, fd, name, events);
  }

  #control(operation: number, fd: number, name: number, events: number): void {
    this.#event[0] = events;
    this.#event[DATA_WORD] = name;
    if (symbols.epoll_ctl(this.#fd, operation, fd, this.#eventBuffer) < 0) {
      throw new Error("epoll_ctl failed");
    }
  }

  /**
   * Waits for events.
   *
   * @param timeout milliseconds; 0 does not wait
   * @returns number of connections with events
   */
  wait(timeout: number): number {
    return symbols.epoll_wait(this.#fd, this.#buffer, MAX_EVENTS, timeout);
  }

  /**
   * The number of a connection of the last {@linkcode Poll.wait}.
   *
   * @param index from 0 on
   */
  name(index: number): number {
    return this.#events[index * EVENT_WORDS + DATA_WORD]!;
  }

  /**
   * The events of a connection of the last {@linkcode Poll.wait}.
   *
   * @param index from 0 on
   */
  events(index: number): number {
    return this.#events[index * EVENT_WORDS]!;
  }

  /** Closes the epoll instance. */
  [Symbol.dispose](): void {
    symbols.close(this.#fd);
  }
}
