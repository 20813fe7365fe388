/**
 * The frame listener: `Deno.listen` with this project's own RFC 6455 engine. It
 * delivers every frame to handlers, and needs a host with raw TCP.
 *
 * A request passes five stages: `request.ts` reads it, `route.ts` routes it,
 * `admission.ts` admits it, `upgrade.ts` upgrades it, and `connection/` is the
 * connection.
 *
 * @module
 */

import type { ConnectionEnd } from "../listener/connection_end.ts";
import {
  connectionClosed,
  connectionOpened,
} from "../listener/connection_events.ts";
import type { Listener, ListenerOptions } from "../listener/listener.ts";
import { sweepOutputs } from "../listener/send_timeout.ts";
import type { Service } from "../listener/service.ts";
import type { HttpError } from "../protocol/http_error.ts";
import { ChurnSet } from "../runtime/churn_map.ts";
import { Deadlines } from "../scheduling/deadlines.ts";
import { retainScheduler } from "../scheduling/scheduler.ts";
import type { CloseEventInfo } from "../websocket.ts";
import type { FrameContext, FrameSession } from "./context.ts";
import { OriginCache } from "./origin_cache.ts";
import { answerRequest } from "./request.ts";
import {
  acceptConns,
  type Acceptor,
  listenOptions,
} from "./transport/acceptor.ts";
import { LINGER } from "./transport/lingering_close.ts";
import { bufferPool } from "./transport/buffer_pool.ts";
import { acceptNative } from "./transport/native/native_acceptor.ts";
import type { Socket } from "./transport/socket.ts";
import { TlsAcceptor } from "./transport/tls_acceptor.ts";

export { checkNativeSockets } from "./transport/native/support.ts";

/** The options of both listeners, and the edge listener's port. */
export interface FrameListenerOptions extends ListenerOptions {
  /** Port of the edge listener. */
  readonly edgePort: number;
  /**
   * The sockets of connections without TLS: those of the runtime, or system calls
   * through FFI.
   * @default "runtime"
   */
  readonly sockets?: "runtime" | "native";
}

/** Sweeps of the keep-alive in one idle timeout: the resolution of that timeout. */
const SWEEPS = 16;

/**
 * Starts the frame listener.
 *
 * @param service the routes, limits and sessions
 * @param options its address and certificate, and the edge listener's port
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function listenFrames(
  service: Service,
  options: FrameListenerOptions,
): Listener {
  const { hostname, port, reusePort = false, identity, sockets } = options;
  const address = { hostname, port, reusePort };
  const server = new FrameServer(service, options);
  const accepted = (socket: Socket) => server.accept(socket);
  if (identity === undefined) {
    const acceptor = sockets === "native"
      ? acceptNative(address, accepted)
      : acceptConns(Deno.listen(listenOptions(address)), accepted);
    return {
      addr: acceptor.addr,
      shutdown: server.start(acceptor),
      destroy: () => server.destroy(),
      renew() {},
    };
  }
  const acceptor = new TlsAcceptor(address, identity, accepted);
  return {
    addr: acceptor.addr,
    shutdown: server.start(acceptor),
    destroy: () => server.destroy(),
    renew: (identity) => acceptor.renew(identity),
  };
}

/** Owns the sockets, connections and timers of one listener. */
class FrameServer {
  readonly #service: Service;
  readonly #context: FrameContext;
  /** Sockets whose request is not answered. */
  readonly #requests = new ChurnSet<Socket>();
  readonly #connections = new ChurnSet<FrameSession>();
  #sweep: ReturnType<typeof setInterval> | undefined;
  readonly #destroyed = Promise.withResolvers<void>();
  #stopOutputSweeps: () => void = () => {};
  readonly #ended = Promise.withResolvers<void>();
  #isClosing = false;

  constructor(service: Service, { edgePort, identity }: FrameListenerOptions) {
    const { handshakeTimeout, closeTimeout } = service.limits;
    this.#service = service;
    this.#context = {
      service,
      edgePort,
      origins: new OriginCache(identity === undefined ? "http" : "https"),
      heads: new Deadlines(
        handshakeTimeout,
        (reader) => reader.stop(tooLate(handshakeTimeout)),
      ),
      closings: new Deadlines(
        closeTimeout,
        (connection) => connection.destroy("CLOSE_TIMEOUT"),
      ),
      finished: new Deadlines(
        Math.min(LINGER, closeTimeout),
        (connection) => connection.destroy(),
      ),
      limitRefusals: 0,
      requestEnded: (socket) => this.#requestEnded(socket),
      connectionOpened: (connection) => this.#connectionOpened(connection),
      connectionClosed: (connection, event, end) =>
        this.#connectionClosed(connection, event, end),
    };
  }

  accept(socket: Socket): void {
    this.#requests.add(socket);
    void answerRequest(this.#context, socket);
  }

  /** Called when the port is open; returns the shutdown. */
  start(acceptor: Acceptor): () => Promise<void> {
    const { idleTimeout, sendTimeout } = this.#service.limits;
    if (idleTimeout > 0) {
      this.#sweep = setInterval(() => this.#sweepAll(), idleTimeout / SWEEPS);
    }
    this.#stopOutputSweeps = sweepOutputs(
      sendTimeout,
      () => this.#connections,
    );
    const releaseScheduler = retainScheduler();
    const releaseBuffers = bufferPool.retain(this.#service.memory.limit / 2);
    return async () => {
      // Until then a load balancer and new clients get 503.
      await Promise.race([
        this.#service.sessions.emptied(),
        this.#destroyed.promise,
      ]);
      await this.#shutdown(acceptor);
      releaseBuffers();
      await releaseScheduler();
    };
  }

  /** Ends all sockets, the connections' included. */
  destroy(): void {
    this.#destroyed.resolve();
    for (const connection of this.#connections) {
      connection.destroy("SHUTDOWN_TIMEOUT");
    }
    for (const socket of this.#requests) socket.close();
  }

  async #shutdown(acceptor: Acceptor): Promise<void> {
    this.#isClosing = true;
    const released = acceptor.close();
    for (const socket of this.#requests) socket.close();
    this.#endIfEmpty();
    await this.#ended.promise;
    await released;
  }

  #endIfEmpty(): void {
    if (!this.#isClosing || this.#requests.size + this.#connections.size > 0) {
      return;
    }
    clearInterval(this.#sweep);
    this.#stopOutputSweeps();
    this.#context.heads.clear();
    this.#context.closings.clear();
    this.#context.finished.clear();
    this.#ended.resolve();
  }

  #sweepAll(): void {
    for (const connection of this.#connections) connection.sweep(SWEEPS);
  }

  #requestEnded(socket: Socket): void {
    this.#requests.delete(socket);
    this.#endIfEmpty();
  }

  #connectionOpened(connection: FrameSession): void {
    this.#connections.add(connection);
    connectionOpened(this.#service, connection);
  }

  #connectionClosed(
    connection: FrameSession,
    event: CloseEventInfo,
    end: ConnectionEnd,
  ): void {
    this.#connections.delete(connection);
    connectionClosed(this.#service, connection, event, end);
    this.#endIfEmpty();
  }
}

function tooLate(timeout: number): HttpError {
  const message = `The request head was not complete after ${
    timeout / 1000
  } s.`;
  return { status: 408, message };
}
