/**
 * A listening port on system calls.
 *
 * @module
 */

import { getLogger } from "../../../std/log.ts";
import {
  ACCEPT_PAUSE,
  type Acceptor,
  type AcceptorAddress,
} from "../acceptor.ts";
import type { Socket } from "../socket.ts";
import {
  EAGAIN,
  EMFILE,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  EPOLLIN,
  IPPROTO_TCP,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from "./constants.ts";
import { EventLoop, type Watcher } from "./event_loop.ts";
import { errno, libc } from "./libc.ts";
import { NativeSocket } from "./native_socket.ts";
import {
  ADDRESS_SIZE,
  encodeAddress,
  hostOf,
  portOf,
} from "./socket_address.ts";
import { checkNativeSockets } from "./support.ts";
import { systemError } from "./system_error.ts";

/** Connections that wait to be accepted. */
const BACKLOG = 511;

/** Connections that are accepted before other events are handled. */
const MAX_ACCEPTED = 16;

/** The system has no resources for another connection. */
const NO_RESOURCES: ReadonlySet<number> = new Set([
  EMFILE,
  ENFILE,
  ENOBUFS,
  ENOMEM,
]);

const SOCKET_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

const ONE = new Uint8Array(Int32Array.of(1).buffer);

/**
 * Opens a port.
 *
 * @param address host and port
 * @param accepted gets every socket
 * @throws {Error} the machine or the permissions have no native sockets
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function acceptNative(
  address: AcceptorAddress,
  accepted: (socket: Socket) => void,
): Acceptor {
  checkNativeSockets();
  const hostname = resolve(address.hostname);
  const loop = new EventLoop();
  try {
    return new NativeAcceptor(loop, { ...address, hostname }, accepted);
  } catch (error) {
    void loop.end();
    throw error;
  }
}

/** Resolves a host name, and has the runtime check its address and the permission. */
function resolve(hostname: string): string {
  const listener = Deno.listen({ hostname, port: 0 });
  listener.close();
  return listener.addr.hostname;
}

class NativeAcceptor implements Acceptor, Watcher {
  readonly addr: Deno.NetAddr;
  readonly #loop: EventLoop;
  readonly #accepted: (socket: Socket) => void;
  readonly #fd: number;
  /** Gets the address of each call. */
  readonly #address = {
    bytes: new Uint8Array(new ArrayBuffer(ADDRESS_SIZE)),
    size: new Uint8Array(Int32Array.of(ADDRESS_SIZE).buffer),
  };
  #pause: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    loop: EventLoop,
    { hostname, port, reusePort = false }: AcceptorAddress,
    accepted: (socket: Socket) => void,
  ) {
    this.#loop = loop;
    this.#accepted = accepted;
    const address = encodeAddress(hostname, port);
    const family = address[0]!;
    this.#fd = checked(
      "socket",
      libc.socket(family, SOCK_STREAM | SOCKET_FLAGS, 0),
    );
    try {
      this.#set(SOL_SOCKET, SO_REUSEADDR);
      if (reusePort) this.#set(SOL_SOCKET, SO_REUSEPORT);
      // Accepted connections inherit it.
      this.#set(IPPROTO_TCP, TCP_NODELAY);
      checked("bind", libc.bind(this.#fd, address, address.length));
      checked("listen", libc.listen(this.#fd, BACKLOG));
      const { bytes, size } = this.#address;
      checked("getsockname", libc.getsockname(this.#fd, bytes, size));
      this.addr = { transport: "tcp", hostname, port: portOf(bytes) };
      if (!loop.add(this.#fd, this, EPOLLIN)) {
        throw systemError("epoll_ctl", errno());
      }
    } catch (error) {
      libc.close(this.#fd);
      throw error;
    }
  }

  ready(): void {
    for (let i = 0; i < MAX_ACCEPTED && !this.#closed; i++) {
      const { bytes, size } = this.#address;
      const fd = libc.accept4(this.#fd, bytes, size, SOCKET_FLAGS);
      if (fd >= 0) this.#open(fd);
      else if (!this.#mayGoOn(errno())) return;
    }
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#pause);
      this.#loop.close(this.#fd);
    }
    return this.#loop.end();
  }

  #set(level: number, option: number): void {
    const { length } = ONE;
    checked(
      "setsockopt",
      libc.setsockopt(this.#fd, level, option, ONE, length),
    );
  }

  #open(fd: number): void {
    const { bytes } = this.#address;
    const host = hostOf(bytes);
    const socket = new NativeSocket(this.#loop, fd, host, portOf(bytes));
    if (socket.watch()) return this.#accepted(socket);
    libc.close(fd);
    this.#failed(errno());
  }

  /** Errors of one connection leave the other ones to be accepted. */
  #mayGoOn(code: number): boolean {
    if (code === EAGAIN) return false;
    if (!NO_RESOURCES.has(code)) return true;
    this.#failed(code);
    return false;
  }

  #failed(code: number): void {
    getLogger("httpd").error(systemError("accept", code).message);
    this.#loop.change(this.#fd, 0);
    this.#pause = setTimeout(
      () => this.#loop.change(this.#fd, EPOLLIN),
      ACCEPT_PAUSE,
    );
  }
}

/** Returns the result of a call; throws if the call has failed. */
function checked(call: string, result: number): number {
  if (result < 0) throw systemError(call, errno());
  return result;
}
