/**
 * The frame listener: `Deno.listen` with this project's own RFC 6455 engine. It
 * shows handlers every frame, and needs a host that gives it a TCP port.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { type Admission, admit } from "../admission.ts";
import { asksForWebSocket, BAD_HOST, isHost } from "../handshake.ts";
import { type HttpError, httpErrorResponse } from "../http_error.ts";
import type { Entry } from "../limits/gate.ts";
import { debugEnabled } from "../log.ts";
import type { AnyWebSocketHandler } from "../router.ts";
import type { Service } from "../service.ts";
import { acceptKey, refusal, switchingProtocols } from "./accept.ts";
import { FrameConnection, type FrameConnectionInit } from "./connection.ts";
import { Deadlines } from "./deadlines.ts";
import {
  agreeOnDeflate,
  type DeflateAgreement,
  deflateResponse,
} from "./deflate_offer.ts";
import { type ExtensionOffer, parseExtensions } from "./extensions.ts";
import { type HeadRead, readHead } from "./head_reader.ts";
import { slots } from "./memory.ts";
import { parseHead, type RequestHead } from "./request_head.ts";
import { zlibStreamsWork } from "./zlib_stream.ts";

/** A running frame listener. */
export interface FrameListener {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  /** Stops accepting; resolves when the last connection is gone. */
  shutdown(): Promise<void>;
}

/** Where the frame listener is, and where it sends those who want plain HTTP. */
export interface FrameListenerOptions {
  /** Host to bind to. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /** Port of the edge listener. */
  readonly edgePort: number;
}

/** Sweeps of the keep-alive in one idle timeout: how finely silence is measured. */
const SWEEPS = 16;

/** Milliseconds without `accept` after one that failed, as without file descriptors. */
const ACCEPT_PAUSE = 100;

/** Milliseconds that a refused peer has to take its refusal. */
const LINGER = 1000;

/** Peers at once that are told why they were not let in; more just find the door shut. */
const MAX_TURNED_AWAY = 256;

type ReadHead = Extract<HeadRead, { kind: "head" }>;

/** A request as far as it is known when it is answered. */
interface Asked {
  /** `""` where no head was read. */
  readonly method: string;
  /** The matched route's path, if any. */
  readonly path?: string;
  /** When its head had been read, if it was. */
  readonly since?: number;
}

/** A peer on its way to a connection. */
interface Visit {
  /** What the gate said to it, once it was asked. */
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
  const { hostname, port } = options;
  const listener = Deno.listen({ hostname, port });
  const server = new FrameServer(service, listener, options.edgePort);
  server.run();
  return {
    addr: listener.addr as Deno.NetAddr,
    shutdown: () => server.shutdown(),
  };
}

class FrameServer {
  readonly #service: Service;
  readonly #listener: Deno.Listener;
  readonly #edgePort: number;
  /** Peers that have not been answered. */
  readonly #greeting = new Set<Deno.Conn>();
  /** Those of them that owe us a request head. */
  readonly #heads: Deadlines<Deno.Conn>;
  readonly #closes: Deadlines<FrameConnection>;
  readonly #connections = new Set<FrameConnection>();
  readonly #sweep: ReturnType<typeof setInterval> | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #closing = false;
  #turnedAway = 0;

  constructor(service: Service, listener: Deno.Listener, edgePort: number) {
    this.#service = service;
    this.#listener = listener;
    this.#edgePort = edgePort;
    const { idleTimeout, handshakeTimeout, closeTimeout } = service.limits;
    this.#heads = new Deadlines(
      handshakeTimeout,
      (conn) => this.#refuseLate(conn, handshakeTimeout),
    );
    this.#closes = new Deadlines(
      closeTimeout,
      (connection) => connection.destroy(),
    );
    if (idleTimeout > 0) {
      this.#sweep = setInterval(() => this.#sweepAll(), idleTimeout / SWEEPS);
    }
  }

  async run(): Promise<void> {
    while (!this.#closing) {
      try {
        const conn = await this.#listener.accept();
        this.#greet(conn);
      } catch (error) {
        if (this.#closing) return;
        getLogger("httpd").error("accept failed:", error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      }
    }
  }

  shutdown(): Promise<void> {
    this.#closing = true;
    this.#listener.close();
    for (const conn of this.#greeting) conn.close();
    this.#settle();
    return this.#ended.promise;
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

  async #greet(conn: Deno.Conn): Promise<void> {
    const visit: Visit = {};
    this.#greeting.add(conn);
    try {
      if (this.#service.gate?.needsHead === false) {
        if (!await this.#enter(conn, visit, null)) return;
      }
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
      this.#heads.add(conn);
      const read = await readHead(conn);
      const inTime = this.#heads.delete(conn);
      if (!inTime) {
        if (read.kind === "head") slots.give(read.slot);
        return;
      }
      if (read.kind === "head") await this.#answer(conn, read, visit);
      else if (read.kind === "refused") {
        await this.#refuse(conn, httpErrorResponse(NO_HEAD, read.error));
      } else conn.close();
    } catch (error) {
      getLogger("httpd").debug(() => `Handshake failed: ${error}`);
      closeQuietly(conn);
    } finally {
      if (!visit.isUpgraded && visit.entry?.admitted) visit.entry.leave();
      this.#greeting.delete(conn);
      this.#settle();
    }
  }

  /** Asks the gate; a peer that it keeps out is told so, if not too many are. */
  async #enter(
    conn: Deno.Conn,
    visit: Visit,
    forwardedFor: string | null,
  ): Promise<boolean> {
    const entry = this.#service.gate?.enter(conn.remoteAddr, forwardedFor);
    visit.entry = entry;
    if (entry?.admitted !== false) return true;
    this.#service.observer.limited(entry.limit, "frame");
    if (this.#turnedAway >= MAX_TURNED_AWAY) {
      closeQuietly(conn);
      return false;
    }
    this.#turnedAway++;
    try {
      await this.#refuse(conn, httpErrorResponse(NO_HEAD, entry.error));
    } finally {
      this.#turnedAway--;
    }
    return false;
  }

  async #refuseLate(conn: Deno.Conn, timeout: number): Promise<void> {
    const message = `The request's head took over ${timeout / 1000} s.`;
    const error = { status: 408, message };
    await this.#refuse(conn, httpErrorResponse(NO_HEAD, error));
  }

  /** Answers a head; the connection is upgraded or has ended when this resolves. */
  async #answer(
    conn: Deno.Conn,
    read: ReadHead,
    visit: Visit,
  ): Promise<void> {
    const since = performance.now();
    const verdict = parseHead(read.text);
    if (!verdict.ok) {
      slots.give(read.slot);
      return this.#refuse(conn, httpErrorResponse(NO_HEAD, verdict.error));
    }
    const { head } = verdict;
    if (this.#service.gate?.needsHead) {
      const forwardedFor = head.headers.get("x-forwarded-for");
      if (!await this.#enter(conn, visit, forwardedFor)) {
        return slots.give(read.slot);
      }
    }
    const found = this.#route(head);
    if ("error" in found) {
      slots.give(read.slot);
      const response = httpErrorResponse(head, found.error);
      return this.#refuse(conn, response, { method: head.method, since });
    }
    const { origin, path } = found;
    const asked = { method: head.method, path, since };
    const deciding = admit(this.#service, found.handler, {
      get request() {
        return new Request(`${origin}${head.target}`, {
          headers: head.headers,
        });
      },
      head,
      remoteAddr: conn.remoteAddr,
      listener: "frame",
    });
    const admission = deciding instanceof Promise ? await deciding : deciding;
    if (!admission.accepted) {
      slots.give(read.slot);
      return this.#refuse(conn, admission.response, asked);
    }
    this.#upgrade(conn, read, found, admission, visit);
    this.#tell(asked, 101);
  }

  async #refuse(
    conn: Deno.Conn,
    response: Response,
    asked: Asked = { method: "" },
  ): Promise<void> {
    this.#tell(asked, response.status);
    await refuse(conn, response, asked.method);
  }

  #tell({ method, path, since }: Asked, status: number): void {
    this.#service.observer.answered({
      listener: "frame",
      method,
      path,
      isHandshake: true,
      status,
      seconds: since === undefined ? 0 : (performance.now() - since) / 1000,
    });
  }

  #route(head: RequestHead): Routed | { error: HttpError } {
    const { method, target, headers } = head;
    const host = headers.get("host");
    const origin = `http://${host}`;
    if (!isHost(host) || !URL.canParse(origin)) return { error: BAD_HOST };
    if (!asksForWebSocket(headers)) {
      return { error: onlyWebSocket(origin, this.#edgePort) };
    }
    const extensions = parseExtensions(headers.get("sec-websocket-extensions"));
    if (extensions === undefined) return { error: BAD_EXTENSIONS };
    const path = PLAIN_TARGET.exec(target)?.[1] ??
      new URL(`${origin}${target}`).pathname;
    const match = this.#service.router.match(method, path);
    switch (match.kind) {
      case "refused":
        return { error: match.error };
      case "http":
        return {
          error: { status: 404, message: "This path is no WebSocket." },
        };
      case "websocket":
        return {
          origin,
          path: match.path,
          handler: match.handler,
          extensions,
        };
    }
  }

  #upgrade(
    conn: Deno.Conn,
    { text, slot, start, end }: ReadHead,
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
    const mayCompress = handler.compression !== false &&
      extras.compression !== false;
    const compression = mayCompress ? this.#agree(extensions) : undefined;
    const agreed = compression === undefined
      ? ""
      : deflateResponse(compression);
    const connection = new FrameConnection(this.#service, id, {
      conn,
      path,
      handler,
      head: { text, origin },
      protocol,
      compression,
      state: extras.state,
      response: switchingProtocols(accept, protocol, agreed, extras.headers),
      slot,
      start,
      end,
      closes: this.#closes,
      gone: this.#farewell(visit.entry),
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

  /** What is to be done at the end of a connection: a closure only where there is a place to give back. */
  #farewell(entry: Entry | undefined): FrameConnectionInit["gone"] {
    if (!entry?.admitted) return this.#forget;
    return (connection, code) => {
      entry.leave();
      this.#forget(connection, code);
    };
  }

  #forget = (connection: FrameConnection, code: number): void => {
    this.#connections.delete(connection);
    this.#service.sessions.remove(connection);
    this.#service.observer.closed(connection, code);
    this.#settle();
  };
}

/** A target whose path a URL parser would leave as it is. */
const PLAIN_TARGET = /^((?:\/[\w-]+)+)(?:\?|$)/;

/** RFC 6455 §9.1: a list that is none fails the handshake. */
const BAD_EXTENSIONS: HttpError = {
  status: 400,
  message: "Sec-WebSocket-Extensions is not a list of extensions.",
};

/** Stands in where no head could be read, so no preference is known. */
const NO_HEAD = { headers: { get: () => null } };

function onlyWebSocket(origin: string, edgePort: number): HttpError {
  const edge = new URL(origin);
  edge.port = String(edgePort);
  return {
    status: 426,
    message:
      `This port speaks WebSocket only; HTTP is served at ${edge.href}, which tells how to connect.`,
    headers: { upgrade: "websocket", connection: "Upgrade" },
  };
}

/** Sends a refusal; waits a while for the peer to take it, lest a reset destroys it. */
async function refuse(
  conn: Deno.Conn,
  response: Response,
  method = "GET",
): Promise<void> {
  const timer = setTimeout(() => closeQuietly(conn), LINGER);
  try {
    let bytes = await refusal(response, method);
    while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
    await conn.closeWrite();
    const sink = new Uint8Array(4096);
    while (await conn.read(sink) !== null);
  } catch {
    // the peer did not wait for its refusal
  } finally {
    clearTimeout(timer);
    closeQuietly(conn);
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // closed already
  }
}
