/**
 * The system calls of the load generator, through FFI: the runtime's own sockets
 * cost as much a message as those of the servers to be measured, and would be
 * measured with them.
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

/** There is something to read. */
export const EPOLLIN = 1;

/** There is room to write. */
export const EPOLLOUT = 4;

/** Numbers below this are kept as bigint, once they have been asked for. */
const KEPT = 65_536;

const words: bigint[] = [];

/**
 * An argument of type usize. With a bigint the runtime makes a call without a
 * detour; making one costs as much as that.
 */
function word(value: number): bigint {
  return value < KEPT ? words[value] ??= BigInt(value) : BigInt(value);
}

/** Bytes whose address does not change. */
export class Pinned {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #address: bigint;
  readonly #kept: bigint[] = [];

  /**
   * Takes bytes; they are kept as long as this object is.
   *
   * @param bytes not to be detached
   */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.#address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  }

  /**
   * The address of a byte.
   *
   * @param offset the byte's
   */
  at(offset: number): bigint {
    return offset < KEPT
      ? this.#kept[offset] ??= this.#address + BigInt(offset)
      : this.#address + BigInt(offset);
  }
}

function int(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/**
 * Opens a TCP connection to 127.0.0.1.
 *
 * @param port the server's
 * @param isBlocking whether to wait until it is there
 * @returns its descriptor
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
    throw new Error(`nobody accepts connections on port ${port}`);
  }
  return fd;
}

/** A struct linger: on, 0 seconds. */
const LINGER = new Uint8Array(Int32Array.of(1, 0).buffer);

/**
 * Closes a connection with a TCP RST, so that it leaves no TIME_WAIT behind.
 *
 * @param fd its descriptor
 */
export function reset(fd: number): void {
  symbols.setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER, LINGER.length);
  symbols.close(fd);
}

/**
 * Writes without waiting.
 *
 * @param fd the connection
 * @param from where the bytes are
 * @param offset the first one
 * @param length how many
 * @returns bytes written; below 0: there is no room, or no connection
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
 * @param into where to, all of it
 * @returns bytes read; 0 at the end; below 0: nothing is there, or no connection
 */
export function receive(fd: number, into: Pinned): number {
  return symbols.recv(fd, into.at(0), word(into.bytes.length), MSG_DONTWAIT);
}

/**
 * Reads, and waits for the first byte.
 *
 * @param fd the connection
 * @param into where to, all of it
 * @returns bytes read; 0 at the end; below 0: no connection
 */
export function receiveBlocking(fd: number, into: Pinned): number {
  return symbols.recv(fd, into.at(0), word(into.bytes.length), 0);
}

/**
 * Whether bytes are those that stand elsewhere.
 *
 * @param bytes what to compare, from the first one on
 * @param other what to compare with
 * @param offset from here on
 * @param length how many
 */
export function isSame(
  bytes: Pinned,
  other: Pinned,
  offset: number,
  length: number,
): boolean {
  return symbols.memcmp(bytes.at(0), other.at(offset), word(length)) === 0;
}

/** Words of a struct epoll_event, and which of them names the connection. */
const [EVENT_WORDS, DATA_WORD] = Deno.build.arch === "x86_64" ? [3, 1] : [4, 2];

/** Events of one call. */
const MAX_EVENTS = 1024;

/** Waits for many connections at once. */
export class Poll implements Disposable {
  readonly #fd = symbols.epoll_create1(0);
  readonly #events = new Uint32Array(MAX_EVENTS * EVENT_WORDS);
  readonly #buffer = new Uint8Array(this.#events.buffer);
  readonly #event = new Uint32Array(EVENT_WORDS);
  readonly #eventBuffer = new Uint8Array(this.#event.buffer);

  /**
   * Waits for a connection from now on.
   *
   * @param fd the connection
   * @param name a number to call it by
   * @param events what for
   */
  add(fd: number, name: number, events: number): void {
    this.#control(EPOLL_CTL_ADD, fd, name, events);
  }

  /**
   * Waits for something else.
   *
   * @param fd the connection
   * @param name a number to call it by
   * @param events what for
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
   * Waits.
   *
   * @param timeout milliseconds; 0: not at all
   * @returns connections of which there is something to say
   */
  wait(timeout: number): number {
    return symbols.epoll_wait(this.#fd, this.#buffer, MAX_EVENTS, timeout);
  }

  /**
   * A connection of the last {@linkcode Poll.wait}.
   *
   * @param index from 0 on
   * @returns what it is called
   */
  name(index: number): number {
    return this.#events[index * EVENT_WORDS + DATA_WORD]!;
  }

  /**
   * What there is to say of it.
   *
   * @param index from 0 on
   */
  events(index: number): number {
    return this.#events[index * EVENT_WORDS]!;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    symbols.close(this.#fd);
  }
}
