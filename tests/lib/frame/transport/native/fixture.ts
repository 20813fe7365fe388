/**
 * Native sockets with clients on the runtime's sockets.
 *
 * @module
 */

import { acceptNative } from "../../../../../lib/frame/transport/native/native_acceptor.ts";
import type {
  Socket,
  SocketUser,
} from "../../../../../lib/frame/transport/socket.ts";
import { Inbox } from "../../../../integration/support/inbox.ts";
import { permitted, testWith } from "../../../../permissions.ts";
import { within } from "../../../../integration/support/within.ts";

const IS_LINUX = Deno.build.os === "linux";

/** Registers a test that needs native sockets. */
export function nativeTest(name: string, fn: () => Promise<void>): void {
  const suffix = IS_LINUX ? "" : " (ignored: needs Linux)";
  testWith({ net: true, ffi: true }, name + suffix, { fn, ignore: !IS_LINUX });
}

/** An event of a socket. */
export type SocketEvent =
  | { readonly kind: "arrived"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "written"; readonly count: number }
  | { readonly kind: "readEnded" | "readFailed" | "writeFailed" };

/** The server's side of a connection, and its events. */
export class Served implements SocketUser {
  readonly socket: Socket;
  readonly view: Uint8Array<ArrayBuffer>;
  readonly #events = new Inbox<SocketEvent>("an event of the socket");

  constructor(socket: Socket, size = 64 * 1024) {
    this.socket = socket;
    this.view = new Uint8Array(size);
    socket.user = this;
  }

  next(): Promise<SocketEvent> {
    return this.#events.next();
  }

  read(): Promise<SocketEvent> {
    this.socket.read(this.view);
    return this.next();
  }

  arrived(count: number): void {
    const bytes = this.view.slice(0, count);
    this.#events.push({ kind: "arrived", bytes });
  }

  readEnded(): void {
    this.#events.push({ kind: "readEnded" });
  }

  readFailed(): void {
    this.#events.push({ kind: "readFailed" });
  }

  written(count: number): void {
    this.#events.push({ kind: "written", count });
  }

  writeFailed(): void {
    this.#events.push({ kind: "writeFailed" });
  }
}

/** A port with native sockets. */
export class NativePort implements AsyncDisposable {
  readonly addr: { readonly hostname: string; readonly port: number };
  readonly #acceptor;
  readonly #accepted = new Inbox<Socket>("a connection");
  readonly #sockets = new Set<Socket>();

  constructor(hostname = "127.0.0.1") {
    this.#acceptor = acceptNative({ hostname, port: 0 }, (socket) => {
      this.#sockets.add(socket);
      this.#accepted.push(socket);
    });
    this.addr = this.#acceptor.addr;
  }

  /** Connects a client. */
  async connect(
    { hostname = this.addr.hostname, size }: {
      readonly hostname?: string;
      /** Bytes of the buffer that the server reads into. */
      readonly size?: number;
    } = {},
  ): Promise<{ client: Deno.TcpConn; served: Served }> {
    const client = await Deno.connect({ hostname, port: this.addr.port });
    const served = new Served(await this.#accepted.next(), size);
    return { client, served };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const released = this.#acceptor.close();
    for (const socket of this.#sockets) socket.close();
    await within(released, "the end of the event loop");
  }
}

/** Whether the machine has IPv6; false without the permission to try. */
export function hasIpv6(): boolean {
  if (!permitted({ name: "net" })) return false;
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
