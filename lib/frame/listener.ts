/**
 * The frame listener: `Deno.listen` with this project's own RFC 6455 engine. It
 * shows handlers every frame, and needs a host that gives it a TCP port.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { type Admission, admit, refusedQuery } from "../listener/admission.ts";
import { Deadlines } from "../scheduling/deadlines.ts";
import { asksForWebSocket, BAD_HOST, isHost } from "../protocol/handshake.ts";
import { answer } from "../listener/answer.ts";
import { type HttpError, httpErrorResponse } from "../protocol/http_error.ts";
import type { Entry } from "../limits/address/address_limiter.ts";
import { debugEnabled } from "../log/log.ts";
import { pathOf } from "../protocol/request_target.ts";
import type { AnyWebSocketHandler } from "../routing/router.ts";
import { retainScheduler } from "../scheduling/scheduler.ts";
import type { Service } from "../listener/service.ts";
import type { Identity } from "../tls/identity.ts";
import { ChurnSet } from "../runtime/churn_map.ts";
import { acceptKey } from "./codec/accept.ts";
import { closingResponse, switchingProtocols } from "./response.ts";
import {
  acceptConns,
  type Acceptor,
  listenOptions,
} from "./transport/acceptor.ts";
import { FrameCandidate } from "./candidate.ts";
import { FrameConnection } from "./connection/connection.ts";
import {
  agreeOnDeflate,
  type DeflateAgreement,
  deflateResponse,
} from "./codec/deflate_offer.ts";
import { lingeringClose } from "./transport/lingering_close.ts";
import { type ExtensionOffer, parseExtensions } from "./codec/extensions.ts";
import {
  HEAD_BUFFER,
  type HeadRead,
  HeadReader,
} from "./transport/head_reader.ts";
import { bufferPool, type ReceiveBuffer } from "./transport/buffer_pool.ts";
import { hasBody, parseHead, type RequestHead } from "./codec/request_head.ts";
import type { Socket } from "./transport/socket.ts";
import { TlsAcceptor } from "./transport/tls_acceptor.ts";
import { zlibStreamsWork } from "../runtime/zlib_stream.ts";

/** A running frame listener. */
export interface FrameListener {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  /**
   * Stops accepting once the last WebSocket is closed; resolves when the last
   * connection is gone.
   */
  shutdown(): Promise<void>;
  /**
   * Shows newcomers another certificate; who is connected notices nothing.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void;
}

/** Where the frame listener is, and where it sends those who want plain HTTP. */
export interface FrameListenerOptions {
  /** Host to bind to. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /**
   * Whether other threads listen there, too.
   * @default false
   */
  readonly reusePort?: boolean;
  /** Port of the edge listener. */
  readonly edgePort: number;
  /**
   * The certificate.
   * @default none: it speaks without TLS
   */
  readonly identity?: Identity | undefined;
}

/** Sweeps of the keep-alive in one idle timeout: how finely silence is measured. */
const SWEEPS = 16;

/** Peers at once that are told why they were not let in; more just find the token guard shut. */
const MAX_TURNED_AWAY = 256;

type ReadHead = Extract<HeadRead, { kind: "head" }>;

/** A request as far as it is known when it is answered. */
interface Asked {
  /** `""` where no head was read. */
  readonly method: string;
  /** The matched route's path, if any. */
  readonly path?: string | undefined;
  /** When its head had been read, if it was. */
  readonly since?: number;
  /** Whether an HTTP handler answers it. */
  readonly isHttp?: boolean;
}

/** A peer on its way to a connection. */
interface Visit {
  /** What the address limiter said to it, once it was asked. */
  entry?: Entry | undefined;
  /** Whether it has become a connection, whose end gives the place back. */
  isUpgraded?: true;
}

/** A request that goes to a handler. */
interface Routed {
  /** Scheme and authority of its URL. */
  readonly origin: string;
  /** The matched route's path. */
  readonly path: string;
  readonly handler: AnyWebSocketHandler;
  /** The extensions that the client offers. */
  readonly extensions: readonly ExtensionOffer[];
}

/** A request that goes no further. */
type Answered =
  | { readonly error: HttpError }
  | {
    readonly response: Response | Promise<Response>;
    /** Path of the HTTP route that answers, if one does. */
    readonly path?: string;
  };

/**
 * Starts the frame listener.
 *
 * @param service what it serves
 * @param options where
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function listenFrames(
  service: Service,
  options: FrameListenerOptions,
): FrameListener {
  const { hostname, port, reusePort = false, identity } = options;
  const address = { hostname, port, reusePort };
  const server = new FrameServer(service, options);
  bufferPool.bound(service.memory.limit / 2);
  const greet = (socket: Socket) => void server.greet(socket);
  if (identity === undefined) {
    const acceptor = acceptConns(
      Deno.listen(listenOptions(address)),
      greet,
    );
    return {
      addr: acceptor.addr,
      shutdown: server.start(acceptor),
      renew() {},
    };
  }
  const acceptor = new TlsAcceptor(address, identity, greet);
  return {
    addr: acceptor.addr,
    shutdown: server.start(acceptor),
    renew: (identity) => acceptor.renew(identity),
  };
}

class FrameServer {
  readonly #service: Service;
  readonly #options: FrameListenerOptions;
  /** Peers that have not been answered. */
  readonly #greeting = new ChurnSet<Socket>();
  /** Those of them that owe us a request head. */
  readonly #heads: Deadlines<HeadReader>;
  readonly #closes: Deadlines<FrameConnection>;
  readonly #connections = new ChurnSet<FrameConnection>();
  readonly #sweep: ReturnType<typeof setInterval> | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #closing = false;
  #turnedAway = 0;
  /** The last Host field that was good, as most peers send the same. */
  #lastHost: string | undefined;
  #lastOrigin = "";

  constructor(service: Service, options: FrameListenerOptions) {
    this.#service = service;
    this.#options = options;
    const { idleTimeout, handshakeTimeout, closeTimeout } = service.limits;
    this.#heads = new Deadlines(
      handshakeTimeout,
      (reader) => reader.giveUp(tooLate(handshakeTimeout)),
    );
    this.#closes = new Deadlines(
      closeTimeout,
      (connection) => connection.destroy(),
    );
    if (idleTimeout > 0) {
      this.#sweep = setInterval(() => this.#sweepAll(), idleTimeout / SWEEPS);
    }
  }

  /** The port is open; returns what ends it all. */
  start(acceptor: Acceptor): () => Promise<void> {
    const releaseScheduler = retainScheduler();
    return async () => {
      // Until then a balancer and new clients are answered, with 503.
      await this.#service.sessions.emptied();
      await this.#shutdown(acceptor);
      await releaseScheduler();
    };
  }

  async #shutdown(acceptor: Acceptor): Promise<void> {
    this.#closing = true;
    acceptor.close();
    for (const socket of this.#greeting) socket.close();
    this.#settle();
    await this.#ended.promise;
  }

  #settle(): void {
    if (!this.#closing || this.#greeting.size + this.#connections.size > 0) {
      return;
    }
    clearInterval(this.#sweep);
    this.#heads.clear();
    this.#closes.clear();
    this.#ended.resolve();
  }

  #sweepAll(): void {
    for (const connection of this.#connections) connection.sweep(SWEEPS);
  }

  /** Takes a peer in, or sends it away. */
  async greet(socket: Socket): Promise<void> {
    const visit: Visit = {};
    this.#greeting.add(socket);
    try {
      if (this.#service.addressLimiter?.needsHead === false) {
        if (!await this.#enter(socket, visit, null)) return;
      }
      const reader = new HeadReader(socket);
      this.#heads.add(reader);
      const read = await reader.read();
      this.#heads.delete(reader);
      if (read.kind === "head") await this.#answer(socket, read, visit);
      else if (read.kind === "refused") {
        const response = httpErrorResponse(NO_HEAD, read.error);
        await this.#refuse(socket, read.buffer, response);
      } else socket.close();
    } catch (error) {
      getLogger("httpd").debug(() => `Handshake failed: ${error}`);
      socket.close();
    } finally {
      if (!visit.isUpgraded && visit.entry?.admitted) visit.entry.leave();
      this.#greeting.delete(socket);
      this.#settle();
    }
  }

  /** Asks the address limiter; a peer that it keeps out is told so, if not too many are. */
  async #enter(
    socket: Socket,
    visit: Visit,
    forwardedFor: string | null,
    buffer?: ReceiveBuffer,
  ): Promise<boolean> {
    const entry = this.#service.addressLimiter?.enter(
      socket.remoteAddr,
      forwardedFor,
    );
    visit.entry = entry;
    if (entry?.admitted !== false) return true;
    this.#service.observer.limited(entry.limit, "frame");
    if (this.#turnedAway >= MAX_TURNED_AWAY) {
      if (buffer !== undefined) bufferPool.give(buffer);
      socket.close();
      return false;
    }
    this.#turnedAway++;
    try {
      const response = httpErrorResponse(NO_HEAD, entry.error);
      await this.#refuse(
        socket,
        buffer ?? bufferPool.take(HEAD_BUFFER),
        response,
      );
    } finally {
      this.#turnedAway--;
    }
    return false;
  }

  /** Answers a head; the connection is upgraded or has ended when this resolves. */
  async #answer(
    socket: Socket,
    read: ReadHead,
    visit: Visit,
  ): Promise<void> {
    const since = performance.now();
    const { buffer } = read;
    const verdict = parseHead(read.text);
    if (!verdict.ok) {
      const response = httpErrorResponse(NO_HEAD, verdict.error);
      return this.#refuse(socket, buffer, response);
    }
    const { head } = verdict;
    if (this.#service.addressLimiter?.needsHead) {
      const forwardedFor = head.headers.get("x-forwarded-for");
      if (!await this.#enter(socket, visit, forwardedFor, buffer)) return;
    }
    const { method } = head;
    const found = this.#route(head, socket.remoteAddr);
    if ("error" in found) {
      const response = httpErrorResponse(head, found.error);
      return this.#refuse(socket, buffer, response, { method, since });
    }
    if ("response" in found) {
      const { path } = found;
      const asked = { method, path, since, isHttp: path !== undefined };
      return this.#refuse(socket, buffer, await found.response, asked);
    }
    const { origin, path } = found;
    const asked = { method, path, since };
    const candidate = new FrameCandidate(head, origin, socket.remoteAddr);
    const deciding = admit(this.#service, found.handler, candidate);
    const admission = deciding instanceof Promise ? await deciding : deciding;
    if (!admission.accepted) {
      return this.#refuse(socket, buffer, admission.response, asked);
    }
    this.#upgrade(socket, read, found, admission, visit);
    this.#tell(asked, 101);
  }

  async #refuse(
    socket: Socket,
    buffer: ReceiveBuffer,
    response: Response,
    asked: Asked = { method: "" },
  ): Promise<void> {
    this.#tell(asked, response.status);
    const bytes = await closingResponse(response, asked.method).catch(
      (error) => {
        bufferPool.give(buffer);
        throw error;
      },
    );
    await lingeringClose(socket, buffer, bytes);
  }

  #tell({ method, path, since, isHttp = false }: Asked, status: number): void {
    this.#service.observer.answered({
      listener: "frame",
      method,
      path,
      isHandshake: !isHttp,
      status,
      seconds: since === undefined ? 0 : (performance.now() - since) / 1000,
    });
  }

  #route(head: RequestHead, remoteAddr: Deno.Addr): Routed | Answered {
    const { method, target, headers } = head;
    const origin = this.#originOf(headers.get("host"));
    if (!asksForWebSocket(headers)) {
      return this.#routePlain(head, origin, remoteAddr);
    }
    if (origin === undefined) return { error: BAD_HOST };
    const extensions = parseExtensions(headers.get("sec-websocket-extensions"));
    if (extensions === undefined) return { error: BAD_EXTENSIONS };
    const match = this.#service.router.match(method, pathOf(target), true);
    switch (match.kind) {
      case "refused":
        return { error: match.error };
      case "http":
        return {
          error: { status: 404, message: "This path is no WebSocket." },
        };
      case "websocket":
        if (hasBody(headers)) return { error: BAD_BODY };
        return {
          origin,
          path: match.path,
          handler: match.handler,
          extensions,
        };
    }
  }

  /** A request that asks for no WebSocket: few have an answer here. */
  #routePlain(
    head: RequestHead,
    origin: string | undefined,
    remoteAddr: Deno.Addr,
  ): Answered {
    const { method, target, httpVersion, headers } = head;
    const base = origin ?? "http://localhost";
    const { pathname } = new URL(`${base}${target}`);
    const match = this.#service.router.match(method, pathname);
    const candidate = new FrameCandidate(head, base, remoteAddr);
    if (match.kind === "http" && match.handler.isOnFrameListener) {
      const { path, handler, params } = match;
      const info = { listener: "frame", remoteAddr, params } as const;
      const handle = () => handler(candidate.request, info);
      return { path, response: answer(handle, head) };
    }
    // HTTP/1.0 has no Host field (RFC 9112 §3.2).
    const needsHost = httpVersion !== "1.0" || headers.get("host") !== null;
    if (origin === undefined && needsHost) return { error: BAD_HOST };
    const response = match.kind === "websocket"
      ? refusedQuery(match.handler, candidate)
      : undefined;
    return response === undefined
      ? { error: onlyWebSocket(origin, this.#options.edgePort) }
      : { response };
  }

  /** Scheme and authority of the URLs behind a Host field; `undefined` where it is malformed. */
  #originOf(host: string | null): string | undefined {
    if (host === null || host !== this.#lastHost) {
      const scheme = this.#options.identity === undefined ? "http" : "https";
      const origin = `${scheme}://${host}`;
      if (host === null || !isHost(host) || !URL.canParse(origin)) {
        return undefined;
      }
      this.#lastHost = host;
      this.#lastOrigin = origin;
    }
    return this.#lastOrigin;
  }

  #upgrade(
    socket: Socket,
    { text, buffer, start, end }: ReadHead,
    { origin, path, handler: routed, extensions }: Routed,
    { key, protocol, extras }: Extract<Admission, { accepted: true }>,
    visit: Visit,
  ): void {
    const handler = extras.handler ?? routed;
    const { sessions, observer } = this.#service;
    const id = sessions.nextId();
    const accept = acceptKey(key);
    const log = getLogger("httpd_ws");
    log.info(`Responding WS handshake to sock ${id}`);
    if (debugEnabled) log.debug(`Generated server key: ${accept}`);
    // zlib takes a third of a MiB of a connection.
    const mayCompress = handler.compression !== false &&
      extras.compression !== false && !this.#service.memory.isTight;
    const compression = mayCompress ? this.#agree(extensions) : undefined;
    const agreed = compression === undefined
      ? ""
      : deflateResponse(compression);
    const connection = new FrameConnection(this.#service, id, {
      socket,
      path,
      handler,
      head: { text, origin },
      protocol,
      compression,
      state: extras.state,
      response: switchingProtocols(accept, protocol, agreed, extras.headers),
      buffer,
      start,
      end,
      closes: this.#closes,
      place: visit.entry?.admitted ? visit.entry : undefined,
      gone: this.#forget,
    });
    visit.isUpgraded = true;
    this.#connections.add(connection);
    sessions.add(connection);
    observer.opened(connection);
    connection.opened();
  }

  /** Agrees on compression, where the service has it. */
  #agree(extensions: readonly ExtensionOffer[]): DeflateAgreement | undefined {
    if (!this.#service.compression) return undefined;
    const agreement = agreeOnDeflate(extensions);
    return agreement !== undefined && zlibStreamsWork() ? agreement : undefined;
  }

  #forget = (connection: FrameConnection, code: number): void => {
    this.#connections.delete(connection);
    this.#service.sessions.remove(connection);
    this.#service.observer.closed(connection, code);
    this.#settle();
  };
}

/** RFC 6455 §9.1: a list that is none fails the handshake. */
const BAD_EXTENSIONS: HttpError = {
  status: 400,
  message: "Sec-WebSocket-Extensions is not a list of extensions.",
};

/** The bytes behind the head would be taken for frames. */
const BAD_BODY: HttpError = {
  status: 400,
  message: "A handshake request has no body.",
};

/** Stands in where no head could be read, so no preference is known. */
const NO_HEAD = { headers: { get: () => null } };

/** Where HTTP is served; without a Host field only the port is known. */
function onlyWebSocket(
  origin: string | undefined,
  edgePort: number,
): HttpError {
  let where = `on port ${edgePort}`;
  if (origin !== undefined) {
    const edge = new URL(origin);
    edge.port = String(edgePort);
    where = `at ${edge.href}`;
  }
  return {
    status: 426,
    message:
      `This port speaks WebSocket only; HTTP is served ${where}, which tells how to connect.`,
    headers: { upgrade: "websocket", connection: "Upgrade" },
  };
}

function tooLate(timeout: number): HttpError {
  const message = `The request's head took over ${timeout / 1000} s.`;
  return { status: 408, message };
}
